"""The package's code that travels in a bundle: the very files of this installation, or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import monai_seg
from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.limits import CODE_BYTES
from monai_seg.bundle.inspect.text import read_text

VERSION = re.compile(rb'^__version__ = "([0-9][0-9A-Za-z.+-]*)"\s*$', re.MULTILINE)
READ_IT = "read it, and pass --allow-code if you trust its author"


def check_code(files: Mapping[str, memoryview], is_allowed: bool) -> list[Finding]:
    """Compare the code in a bundle with the installed package byte for byte.

    Args:
        files: path in the bundle, below ``monai_seg/`` -> content.
        is_allowed: the caller has read the code or trusts its author: then differences are notes.
    """
    if not files:
        return []
    found = VERSION.search(bytes(files.get("monai_seg/__init__.py", memoryview(b""))))
    version = found.group(1).decode() if found else "unknown"
    findings = [Finding("monai_seg/", "", f"contains code: {len(files)} files of monai_seg {version}",
                        "it runs when MONAI runs the bundle from its folder", is_refusal=False)]
    for path, content in files.items():
        findings += read_text(path, content, CODE_BYTES)[1]
    if version != monai_seg.__version__:
        findings.append(Finding("monai_seg/", "", f"is of version {version} and cannot be compared with the installed "
                                f"{monai_seg.__version__}", f"install that version to compare, or {READ_IT}",
                                is_refusal=not is_allowed))
        return findings
    root = Path(monai_seg.__file__).parent.parent
    for path, content in files.items():
        installed = root / path
        if not installed.is_file():
            findings.append(Finding(path, "", "is code that the installed package does not have", READ_IT,
                                    is_refusal=not is_allowed))
        elif installed.read_bytes() != content:
            findings.append(Finding(path, "", f"is not the code of monai_seg {version} as it is installed", READ_IT,
                                    is_refusal=not is_allowed))
    return findings
