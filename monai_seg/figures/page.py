"""The frame of a page that needs nothing else: no network, pictures inside, light and dark, for phone and keyboard.

The page forbids itself, by a Content-Security-Policy, to load anything; of scripts it allows the one it is made with.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from string import Template
from typing import NamedTuple

from monai_seg.figures.page_style import STYLE

FRAME = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:$allow">
<title>$title</title>
<style>
$style</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>$heading</h1>
<p class="soft">$subtitle</p>
<ul class="verdict">$verdict</ul>
<nav aria-label="Sections">$links</nav>
</header>
<main id="content" tabindex="-1">
$sections
</main>
$script</body>
</html>
""")


class Section(NamedTuple):
    """A part of a page: its id, its heading and its HTML; without HTML it is left out."""

    name: str
    title: str
    body: str


def render_frame(
    title: str,
    heading: str,
    subtitle: str,
    verdict: Sequence[tuple[str, str]],
    sections: Sequence[Section],
    *,
    style: str = "",
    script: str = "",
) -> str:
    """Return the page as HTML.

    Args:
        title: of the window.
        heading, subtitle: at the top of the page.
        verdict: kind (error, warning, note, ok or nothing) and text of what is to be seen first.
        sections: in their order.
        style: more CSS than the one that all pages share.
        script: JavaScript to be run when the page is there.
    """
    shown = [section for section in sections if section.body]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return FRAME.substitute(
        title=escape(title),
        heading=escape(heading),
        subtitle=escape(subtitle),
        allow=f"; script-src 'sha256-{digest}'" if script else "",
        style=STYLE + style,
        verdict="".join(f'<li class="{kind}">{escape(text)}</li>' for kind, text in verdict),
        links="".join(f'<a href="#{section.name}">{escape(section.title)}</a>' for section in shown),
        sections="\n".join(
            f'<section id="{section.name}" aria-labelledby="h-{section.name}"><h2 id="h-{section.name}">'
            f"{escape(section.title)}</h2>{section.body}</section>" for section in shown),
        script=f"<script>{script}</script>\n" if script else "",
    )


def data_uri(picture: bytes, kind: str = "png") -> str:
    """Return ``picture``, a file of ``kind`` png or jpeg, as the address of itself."""
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
