from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from monai_seg.bundle import build_manifest, manifest_bytes
from monai_seg.bundle.manifest import manifest_problems
from monai_seg.errors import InputError

FACTS = {"versions": {"monai_seg": "0.1.0"}}


def test_it_lists_size_and_hash_of_each_file(tmp_path: Path):
    (tmp_path / "b").write_bytes(b"second")
    manifest = build_manifest("siim", {"b.txt": tmp_path / "b", "a.txt": b"first"}, FACTS)
    assert manifest["files"] == [
        {"path": "a.txt", "size": 5, "sha256": hashlib.sha256(b"first").hexdigest()},
        {"path": "b.txt", "size": 6, "sha256": hashlib.sha256(b"second").hexdigest()},
    ]
    assert (manifest["format"], manifest["name"], manifest["versions"]) == (1, "siim", FACTS["versions"])


def test_it_survives_being_written_and_read():
    data = manifest_bytes(build_manifest("siim", {"a": b"1"}, FACTS))
    assert list(manifest_problems(json.loads(data), data)) == []


@pytest.mark.parametrize("facts", [{"files": []}, {"sha256": ""}, {"format": 3}, {"name": "x"}])
def test_its_own_keys_are_not_to_be_given(facts: dict):
    with pytest.raises(InputError, match=r"MANIFEST\.json: .* is made here"):
        build_manifest("siim", {}, facts)


def test_it_cannot_list_itself():
    with pytest.raises(InputError, match=r"MANIFEST\.json is made here"):
        build_manifest("siim", {"MANIFEST.json": b"{}"}, {})


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        build_manifest("siim", {"a": tmp_path / "no"}, {})


@pytest.mark.parametrize("content", [[], {}, {"format": 1}, {"format": 1, "files": [{"path": "a"}]},
                                     {"format": 1, "files": [{"path": 1, "size": 1, "sha256": "0" * 64}]}])
def test_what_is_no_manifest_is_told(content: object):
    assert len(list(manifest_problems(content, b""))) == 1
