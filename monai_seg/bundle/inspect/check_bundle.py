"""Check a bundle without running anything of it: no import, no unpickling, no evaluation, no file written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monai_seg.bundle.inspect.code import check_code
from monai_seg.bundle.inspect.config import check_config, check_data_json
from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.json_text import read_json
from monai_seg.bundle.inspect.kinds import kind_of, why_refused
from monai_seg.bundle.inspect.logging_conf import check_logging
from monai_seg.bundle.inspect.macros import Macros, find_root
from monai_seg.bundle.inspect.member import Member, list_folder, map_file
from monai_seg.bundle.inspect.names import check_names
from monai_seg.bundle.inspect.onnx_file import check_onnx
from monai_seg.bundle.inspect.packed import PackedFiles, open_packed
from monai_seg.bundle.inspect.picture import check_picture
from monai_seg.bundle.inspect.safetensors_file import check_safetensors
from monai_seg.bundle.inspect.text import check_text, read_text
from monai_seg.bundle.inspect.zip_of_tensors import check_program, check_weights
from monai_seg.bundle.manifest import MANIFEST, manifest_problems

BINARY = {"weights": check_weights, "onnx": check_onnx, "safetensors": check_safetensors, "picture": check_picture,
          "text": check_text}
PROGRAMS = ("torchscript", "exported program")
FETCH_AGAIN = "fetch the bundle again"


@dataclass(frozen=True)
class CheckedFile:
    """A file that was looked at; ``kind`` is empty where a bundle has no such file."""

    path: str
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True)
class BundleReport:
    """What a check found.

    Args:
        bundle: the zip or folder.
        form: "zip", "folder" (of a packed bundle) or "source" (a bundle in our repository).
        name: the bundle's name.
        sha256: hash of the manifest, which holds those of all files; empty for sources and where it is not sound.
        files: what was looked at; empty where the zip itself was refused.
        findings: refusals and notes.
    """

    bundle: str
    form: str
    name: str
    sha256: str
    files: tuple[CheckedFile, ...]
    findings: tuple[Finding, ...]

    @property
    def refusals(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_refusal]

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_refusal]


def check_bundle(bundle: str | Path, *, allow_torchscript: bool = False, allow_code: bool = False) -> BundleReport:
    """Return what is wrong with a packed bundle, an unpacked one, or one of our source folders.

    Args:
        bundle: zip or folder. A folder with neither MANIFEST.json nor configs/ is a source.
        allow_torchscript: take exported programs (``.ts``, ``.pt2``), which are code.
        allow_code: take files in ``monai_seg/`` that are not those of this installation.

    Raises:
        InputError: there is no such file or folder, or it cannot be read. What is wrong inside is in the report.
    """
    path = Path(bundle)
    if not path.is_dir():
        return check_opened(path, open_packed(path.name, map_file(path)), allow_torchscript=allow_torchscript,
                            allow_code=allow_code)
    members, findings = list_folder(path)
    is_packed = any(member.path == MANIFEST or member.path.startswith("configs/") for member in members)
    findings += check_names(path.name, [member.path for member in members])
    return _Check(path, "folder" if is_packed else "source", path.absolute().name, allow_torchscript, allow_code).run(
        members, findings)


def check_opened(path: Path, opened: PackedFiles, *, allow_torchscript: bool, allow_code: bool) -> BundleReport:
    """Check a zip that was opened, so that what was checked is what is used afterwards."""
    return _Check(path, "zip", opened.name or path.stem, allow_torchscript, allow_code).run(
        opened.members, opened.findings)


class _Check:
    """One check of one bundle."""

    def __init__(self, path: Path, form: str, name: str, allow_torchscript: bool, allow_code: bool) -> None:
        self.path, self.form, self.name = path, form, name
        self.allow_torchscript, self.allow_code = allow_torchscript, allow_code
        self.code: dict[str, memoryview] = {}
        self.manifest: tuple[Any, bytes] | None = None

    def run(self, members: list[Member], findings: list[Finding]) -> BundleReport:
        findings, files = list(findings), []
        if not members and not findings:
            findings.append(Finding(self.path.name, "", "holds no files", "name a bundle"))
        for member in members:
            data = member.read()
            kind = kind_of(member.path, self.form != "source") or ""
            files.append(CheckedFile(member.path, kind, len(data), hashlib.sha256(data).hexdigest()))
            if kind:
                findings += self._file(member.path, kind, data)
            else:
                findings.append(Finding(member.path, "", why_refused(member.path), "take it out"))
        findings += check_code(self.code, self.allow_code)
        if members and self.form != "source":
            findings += self._manifest(files)
        is_sound = not any(finding.file == MANIFEST for finding in findings)
        own_hash = self.manifest[0]["sha256"] if self.manifest is not None and is_sound else ""
        return BundleReport(str(self.path), self.form, self.name, own_hash, tuple(files), tuple(findings))

    def _file(self, path: str, kind: str, data: memoryview) -> Iterator[Finding]:
        if kind == "code":
            self.code[path] = data
        elif kind == "logging":
            text, findings = read_text(path, data)
            yield from findings or check_logging(path, text)
        elif kind in PROGRAMS:
            yield from self._program(path, kind, data)
        elif kind in BINARY:
            yield from BINARY[kind](path, data)
        else:
            yield from self._json(path, kind, data)

    def _program(self, path: str, kind: str, data: memoryview) -> Iterator[Finding]:
        yield Finding(path, "", f"contains code: {kind} is a program, not weights",
                      "pass --allow-torchscript if you trust its author", is_refusal=not self.allow_torchscript)
        yield from check_program(path, data)

    def _json(self, path: str, kind: str, data: memoryview) -> Iterator[Finding]:
        text, findings = read_text(path, data)
        yield from findings
        if findings:
            return
        try:
            content = read_json(text.encode())
        except ValueError as error:
            yield Finding(path, "", str(error), "write it as plain JSON")
            return
        if kind == "manifest":
            self.manifest = content, bytes(data)  # MONAI never reads it: a run card may well quote a config
            return
        if kind != "config":
            yield from check_data_json(path, content)
            return
        if self.form == "source":
            macros = Macros(path, find_root(self.path))
            content = macros.write_out(content)
            yield from macros.findings
        yield from check_config(path, content, is_packed=self.form != "source")

    def _manifest(self, files: list[CheckedFile]) -> Iterator[Finding]:
        if self.manifest is None:
            yield Finding(MANIFEST, "", "is missing or cannot be read", "take a bundle that pack wrote")
            return
        manifest, data = self.manifest
        problems = list(manifest_problems(manifest, data))
        yield from (Finding(MANIFEST, *problem) for problem in problems)
        if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), list) \
                or any(where in ("files", "format") for where, _, _ in problems):
            return
        if manifest.get("name") != self.name and self.form == "zip":
            yield Finding(MANIFEST, "name", f"is {manifest.get('name')!r}; the folder is {self.name!r}", FETCH_AGAIN)
        listed = {file["path"]: file for file in manifest["files"]}
        found = {file.path: file for file in files if file.path != MANIFEST}
        for path in sorted(listed.keys() - found.keys()):
            yield Finding(path, "", f"is listed in {MANIFEST} and not there", FETCH_AGAIN)
        for path in sorted(found.keys() - listed.keys()):
            yield Finding(path, "", f"is not listed in {MANIFEST}", FETCH_AGAIN)
        for path in sorted(found.keys() & listed.keys()):
            if (found[path].size, found[path].sha256) != (listed[path]["size"], listed[path]["sha256"]):
                yield Finding(path, "", f"is not the file that {MANIFEST} lists: its size or hash differs", FETCH_AGAIN)
