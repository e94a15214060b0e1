from __future__ import annotations

from pathlib import Path

from monai_seg.data.kept_hashes import KeptHashes

FILES = {"ä.png": (3, 17, "ab"), "masks/b.png": (0, 5, "cd")}


def test_what_is_kept_comes_back_for_the_same_data_set(tmp_path: Path) -> None:
    kept = KeptHashes(tmp_path / "new" / "folder", tmp_path / "set")
    assert kept.load() == {}
    kept.save(FILES)
    assert KeptHashes(tmp_path / "new/folder", tmp_path / "set").load() == FILES
    assert KeptHashes(tmp_path / "new/folder", tmp_path / "other").load() == {}
    kept.save({})
    assert kept.load() == {} and [path.name for path in (tmp_path / "new/folder").iterdir()] == [kept.path.name]


def test_what_is_damaged_is_as_good_as_none(tmp_path: Path) -> None:
    kept = KeptHashes(tmp_path, tmp_path / "set")
    kept.save(FILES)
    content = kept.path.read_bytes()
    for place in range(len(content)):
        kept.path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert kept.load() == {}
        kept.path.write_bytes(content[:place])
        assert kept.load() == {}


def test_a_disk_that_refuses_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = KeptHashes(tmp_path / "file", tmp_path)
    kept.save(FILES)
    assert kept.load() == {}
