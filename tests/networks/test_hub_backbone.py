from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest

from monai_seg.errors import InputError
from monai_seg.networks.hub_backbone import find_backbone, import_transformers, read_json

REFUSED = {"huggingface_hub", "transformers"}


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    assert find_backbone(str(tmp_path)) == tmp_path


def test_a_folder_without_weights_is_taken_where_none_are_needed(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert find_backbone(tmp_path, pretrained=False) == tmp_path
    with pytest.raises(InputError, match=r"holds none of model.safetensors, "):
        find_backbone(tmp_path)


def test_a_folder_without_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no config.json, so no backbone"):
        find_backbone(tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "a/b/c", "/nowhere/at all"])
def test_what_is_neither_folder_nor_id_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="no folder of a backbone, and no id of the hub"):
        find_backbone(name)


def test_without_network_the_line_says_where_it_looked_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> str:
        raise OSError("Got: ConnectError\nand more")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(InputError) as refused:
        find_backbone("some/backbone")
    line = str(refused.value)
    assert line.startswith(f"backbone some/backbone: is no folder here ({Path('some/backbone').absolute()}), not in ")
    assert huggingface_hub.constants.HF_HUB_CACHE in line
    assert "(Got: ConnectError); where there is a network run: hf download some/backbone --local-dir backbone" in line
    assert "\n" not in line


@pytest.mark.parametrize(("published", "fetched"), [
    (["model.safetensors", "pytorch_model.bin"], "model.safetensors"),
    (["pytorch_model.bin"], "pytorch_model.bin"),
])  # fmt: skip
def test_of_the_hub_the_description_and_one_kind_of_weights_are_fetched(
    published: list[str], fetched: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(name: str, allow_patterns: list[str]) -> str:
        (tmp_path / "config.json").write_text(json.dumps({"name": name}))
        for file in published:
            if any(Path(file).match(pattern) for pattern in allow_patterns):
                (tmp_path / file).write_bytes(b"")
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert find_backbone("some/backbone") == tmp_path
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", fetched}


@pytest.mark.parametrize("needs", [import_transformers, lambda: find_backbone("some/backbone")])
def test_without_the_extra_the_line_names_it(needs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name in REFUSED:
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"is not installed, .*; install the extra hub \(pip install 'monai_seg\[hub"):
        needs()


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
def test_what_is_no_json_object_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(InputError, match=r"config\.json: (not a readable JSON file|holds a list)"):
        read_json(tmp_path / "config.json")
