from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from monai.bundle import ConfigParser

from monai_seg.errors import InputError
from monai_seg.run.consistency import check_consistency

ROOT = Path(__file__).parents[2]
THREE = {"kind": "files", "per": "class", "classes": 3}
CONFIGS = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "bundles").glob("*/*.json"))
           if path.parent.name not in ("engines", "networks", "tune") and path.stem != "metadata"]


@pytest.mark.parametrize("config", CONFIGS)
def test_every_config_of_the_bundles_fits_itself(config: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    parser = ConfigParser()
    parser.read_config(config)
    check_consistency(parser.get())


@pytest.mark.parametrize(("network", "needs"), [("tissue_unet", "dropout")])
def test_a_network_of_another_bundle_says_which_setting_it_needs(network: str, needs: str):
    definition = json.loads((ROOT / "bundles" / "networks" / f"{network}.json").read_text())
    config = {"in_channels": 1, "out_channels": 1, "network_def": definition}
    with pytest.raises(InputError, match=rf"^{needs}: network_def needs this setting, .*; give --{needs} a value, or "):
        check_consistency(config)
    check_consistency({**config, needs: 1})


def test_masks_drawn_window_by_window_need_a_network_without_class_branch():
    windows = {"_target_": "monai_seg.inferers.AveragedInferer",
               "inferer": {"_target_": "monai_seg.inferers.DrawnWindows"}}
    check_consistency({"inferer": windows})
    with pytest.raises(InputError, match=r"^inferer: DrawnWindows gives masks alone, .*; leave large_pictures.json"):
        check_consistency({"inferer": windows, "image_classes": ["a", "b"]})


def test_texts_and_mere_values_are_no_references():
    check_consistency({"a": {"_desc_": "@nothing", "mail": "me@nowhere.org", "sum": "$@b + 1"}, "b": 2, "c": ["@b::0"]})
    with pytest.raises(InputError, match=r"^c: a needs this setting"):
        check_consistency({"a": [{"sum": "$@b + @c::d"}], "b": 2})


@pytest.mark.parametrize(("settings", "line"), [
    ({"out_channels": 2, "mask_encoding": THREE}, "out_channels: is 2, but mask_encoding declares 3 classes, .*; give "
                                                  "--out_channels 3, or"),
    ({"out_channels": 3, "mask_encoding": {"kind": "binary"}}, "declares 2 classes, .*; give --out_channels 1, or"),
    ({"out_channels": 3, "class_names": ["a", "b"]}, r"names 2 \(a, b\), out_channels 3 means 3 classes; name each"),
    ({"out_channels": 1, "class_names": ["a"]}, r"names 1 \(a\), out_channels 1 means 2 classes; name each class"),
    ({"out_channels": 3, "mask_encoding": {"kind": "file"}}, "\"kind\" is 'file'; choose one of"),
])  # fmt: skip
def test_numbers_of_classes_that_differ_are_told(settings: dict[str, Any], line: str):
    with pytest.raises(InputError, match=line):
        check_consistency(settings)


def test_numbers_of_classes_that_agree_or_are_built_pass():
    names = ["background", "lung", "infection"]
    check_consistency({"out_channels": 3, "mask_encoding": THREE, "class_names": names})
    check_consistency({"out_channels": 1, "mask_encoding": {"kind": "binary"}, "class_names": names[:2]})
    check_consistency({"out_channels": 2, "mask_encoding": {"kind": "binary"}})  # softmax over two
    check_consistency({"out_channels": {"_target_": "f"}, "mask_encoding": THREE, "class_names": names[:1]})
    check_consistency({"class_names": ["a", "b", "c", "d"]})  # a classifier's


def test_a_class_branch_without_classes_of_images_is_told():
    network = {"_target_": "monai_seg.networks.MultiTaskUNet", "num_classes": 4}
    with pytest.raises(InputError, match=r"^network_def: has a class branch, and this config trains on masks alone"):
        check_consistency({"network_def": network})
    check_consistency({"network_def": network, "image_classes": ["a", "b"]})
