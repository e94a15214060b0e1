"""A clean packed bundle, made by hand from the SIIM bundle's files."""

from __future__ import annotations

from pathlib import Path

import pytest
from packed_bundle import Files, make_files, pack


@pytest.fixture(scope="session")
def clean_files() -> Files:
    return make_files()


@pytest.fixture
def clean_zip(clean_files: Files, tmp_path: Path) -> Path:
    return pack(clean_files, tmp_path / "siim.zip")
