import pytest

from monai_seg.errors import InputError
from monai_seg.run.overrides import parse_overrides


def test_values_are_literals_or_text():
    words = ["--image_size", "[64,64]", "--augment=strong", "--resume", "true", "--prior", "null", "--a::b", "0.5",
             "--mask_encoding", "{'kind':'binary'}", "--dataset_dir", "/data/1e3", "--network_def", "%networks/a.json"]
    assert parse_overrides(words) == {
        "image_size": [64, 64], "augment": "strong", "resume": True, "prior": None, "a::b": 0.5,
        "mask_encoding": {"kind": "binary"}, "dataset_dir": "/data/1e3", "network_def": "%networks/a.json",
    }  # fmt: skip


@pytest.mark.parametrize("words, cause", [(["image_size", "1"], "image_size: stands where"), (["--seed"], "no value")])
def test_what_is_no_override_is_named(words, cause):
    with pytest.raises(InputError, match=cause):
        parse_overrides(words)
