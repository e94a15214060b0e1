from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from typer.testing import CliRunner, Result

from monai_seg.cli import app
from monai_seg.errors import InputError

Pairs = Callable[..., Path]
VOID = {"meta", "img", "br", "link"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check-data", *map(str, arguments)])


class Tags(HTMLParser):
    """Collects attributes and tells whether every tag is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.urls: list[str] = []
        self.images_without_text = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.urls += [value or "" for name, value in attrs if name in ("src", "href")]
        self.images_without_text += tag == "img" and not dict(attrs).get("alt")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_clean_set_ends_with_0_and_a_bad_one_with_1(pairs: Pairs, tmp_path: Path) -> None:
    folder = pairs(3)
    good = run(folder, "--out", tmp_path / "good")
    assert good.exit_code == 0, good.output
    assert "0 errors, 0 warnings, 0 notes in 3 cases (pairs by name)" in good.output
    assert '"mask_encoding": {"kind": "binary"},' in good.output
    (folder / "masks/c1.png").write_bytes(b"rubbish")
    bad = run(folder, "--out", tmp_path / "bad")
    assert bad.exit_code == 1
    assert len([line for line in bad.output.splitlines() if line.startswith("error: ") and "c1.png" in line]) == 1


def test_the_report_is_beside_the_caller_and_not_in_the_data_set(pairs: Pairs, tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pairs(2)
    before = sorted(folder.rglob("*"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert run(folder).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "here/check-set").iterdir()) == [
        "check.json", "index.html", "settings.json"]
    assert sorted(folder.rglob("*")) == before


def test_the_page_is_whole_and_needs_nothing_else(pairs: Pairs, tmp_path: Path) -> None:
    folder = pairs(5, {"images/c1.png": b"rubbish", "masks/<b>&.png": Image.new("L", (4, 4))})
    run(folder, "--out", tmp_path / "out")
    text = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.images_without_text == 0
    assert all(url.startswith(("data:image/png;base64,", "#")) for url in tags.urls)
    targets = {url[1:] for url in tags.urls if url.startswith("#")}
    assert targets <= set(re.findall(r'id="([^"]+)"', text))
    assert "<b>&.png" not in text
    assert "&lt;b&gt;&amp;.png" in text
    assert "<script" not in text
    assert 'name="viewport"' in text


def test_the_json_holds_findings_numbers_and_settings(pairs: Pairs, tmp_path: Path) -> None:
    run(pairs(3, {"masks/c2.png": None}), "--out", tmp_path / "out")
    report = json.loads((tmp_path / "out/check.json").read_text())
    assert [finding["kind"] for finding in report["findings"]] == ["image without mask"]
    assert report["has_errors"] is True
    assert report["settings"]["mask_encoding"] == {"kind": "binary"}
    assert report["cases"][1]["class_pixels"] == {"0": 768 - 36, "1": 36}
    assert report["settings"].pop("loss")["loss"]["_target_"] == "DiceCELoss"  # as usual, so left to the bundle
    assert json.loads((tmp_path / "out/settings.json").read_text()) == report["settings"]


def test_masks_in_folders_are_read(pairs: Pairs, tmp_path: Path) -> None:
    folder = pairs(4)
    for number in range(4):
        mask = folder / f"masks/c{number}.png"
        mask.with_suffix("").mkdir()
        mask.rename(mask.with_suffix("") / "1.png")
    done = run(folder, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert '"mask_encoding": {"kind": "files", "per": "instance"},' in done.output


def test_text_in_pictures_is_not_told(pairs: Pairs, tmp_path: Path, grain: Callable) -> None:
    folder = pairs(3)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Patient", "Jane Quuxley")
    Image.fromarray(grain(1)).save(folder / "images/c1.png", pnginfo=notes)
    output = run(folder, "--out", tmp_path / "out").output
    written = "".join((tmp_path / "out" / name).read_text(encoding="utf-8") for name in ("check.json", "index.html"))
    assert "Quuxley" not in output + written


@pytest.mark.parametrize(("options", "names"), [
    (["--encoding", "{"], "--encoding"), (["--encoding", "[]"], "--encoding"),
    (["--encoding", '{"kind": "x"}'], "kind"), (["--workers", "0"], "--workers"),
])  # fmt: skip
def test_wrong_options_are_told(options: list[str], names: str, pairs: Pairs, tmp_path: Path) -> None:
    error = run(pairs(1), "--out", tmp_path / "out", *options).exception
    assert isinstance(error, InputError)
    assert names in str(error)


def test_bad_input_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "monai_seg", "check-data", str(tmp_path / "nowhere")],
                          capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert "nowhere" in line
    assert list(tmp_path.iterdir()) == []
