from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monai_seg.cli import app


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "monai_seg", *arguments], capture_output=True, text=True, timeout=120)


def test_help_names_the_commands() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    assert "sample" in result.output


def test_sample_makes_a_twin_and_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["sample", "siim", str(tmp_path / "siim"), "--cases", "2", "--size", "64"])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1].endswith("siim: twin of siim with 2 cases")
    assert len(list((tmp_path / "siim" / "png_images").glob("*.png"))) == 2


def test_bad_input_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = run("sample", "no_such_set", str(tmp_path / "x"))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert "no_such_set" in line
    assert "siim" in line  # the choices
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("arguments", [["nonsense"], ["sample", "siim"], ["sample", "siim", "x", "--cases", "many"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_monai_s_warning_of_a_decoder_that_nothing_uses_is_not_shown():
    """Nothing warns where pydicom is missing; with it, this line stood before the output of every command."""
    code = ("import sys\nfrom monai_seg.__main__ import main\nsys.argv = ['monai_seg', '--help']\n"
            "try:\n    main()\nexcept SystemExit:\n    from monai.transforms import LoadImage\n    LoadImage()")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done
    assert "nvimgcodec" not in done.stderr.lower() and "nvimagecodec" not in done.stderr.lower()
