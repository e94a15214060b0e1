"""Texts in a config that would lead out of the folder in which a bundle works."""

from __future__ import annotations

import re

ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:[\\/]")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|\b(?:data|file|javascript):(?=[/\w])", re.IGNORECASE)
VARIABLE = re.compile(r"\$\{?[A-Za-z_]|%[A-Za-z_]\w*%")


def path_problem(text: str) -> str:
    """Return how ``text``, read as a path, leaves the working folder; empty where it stays inside.

    Refused are absolute paths of any system, home folders, steps upwards, addresses and environment variables: any
    text may end up as a path, so all are held to it.
    """
    if ABSOLUTE.match(text):
        return "is an absolute path"
    if ".." in re.split(r"[/\\]", text):
        return "climbs out of its folder by .."
    if ADDRESS.search(text):
        return "is an address"
    if VARIABLE.search(text):
        return "names an environment variable"
    return ""
