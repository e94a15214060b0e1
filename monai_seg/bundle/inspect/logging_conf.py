"""logging.conf: Python's logging evaluates ``class`` and ``args`` and imports what they name, so few are allowed."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator

from monai_seg.bundle.inspect.finding import Finding

PLAIN = re.compile(r"[A-Za-z0-9_., ]*", re.ASCII)
OPTIONS = {  # by section, what its options may say
    "loggers|handlers|formatters": {"keys": PLAIN},
    "logger_\\w+": {"level": re.compile(r"DEBUG|INFO|WARNING|ERROR|CRITICAL|NOTSET"), "handlers": PLAIN,
                    "qualname": PLAIN, "propagate": re.compile("[01]")},
    "handler_\\w+": {"class": re.compile(r"(logging\.)?(StreamHandler|NullHandler)"),
                     "level": re.compile(r"DEBUG|INFO|WARNING|ERROR|CRITICAL|NOTSET"), "formatter": PLAIN,
                     "args": re.compile(r"\((sys\.std(out|err),)?\)")},
    "formatter_\\w+": {"format": re.compile(r"([^%{}$]|%\([a-z]+\)[-0-9.]*[a-z])*", re.IGNORECASE),
                       "datefmt": re.compile(r"([^%{}$]|%[aAbBdHIjmMpSUwWxXyYZ])*")},
}  # fmt: skip
MEND = "write it like logging.conf of our own bundles"


def check_logging(file: str, text: str) -> Iterator[Finding]:
    """Refuse all sections, options and values that are not listed."""
    parser = configparser.RawConfigParser(strict=True, default_section="\n", interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        yield Finding(file, "", f"cannot be read ({type(error).__name__})", MEND)
        return
    for section in parser.sections():
        allowed = next((options for pattern, options in OPTIONS.items() if re.fullmatch(pattern, section, re.ASCII)),
                       None)
        if allowed is None:
            yield Finding(file, f"[{section}]", "is a section that is not allowed", MEND)
            continue
        for option, value in parser.items(section):
            if option not in allowed:
                yield Finding(file, f"[{section}] {option}", "is an option that is not allowed", MEND)
            elif not allowed[option].fullmatch(value):
                yield Finding(file, f"[{section}] {option}", f"is {value!r}, which is not allowed", MEND)
