from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_backbones import MEAN, STD, write_backbone, write_clip
from torch import Tensor

from monai_seg.errors import InputError
from monai_seg.networks.clip_zero_shot import ClipZeroShot

PROMPTS = {"cat": ["a cat", "a picture of a cat"], "dog": ["a dog"]}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip")


def unit(vector: Tensor) -> Tensor:
    return vector / vector.square().sum(-1, keepdim=True).sqrt()


def test_the_logits_are_those_of_transformers_clip_with_averaged_prompts(clip: Path) -> None:
    from transformers import AutoTokenizer, CLIPModel

    model, tokenizer = CLIPModel.from_pretrained(clip).eval(), AutoTokenizer.from_pretrained(clip)
    image = torch.rand(3, 1, 32, 32)
    pixels = torch.cat([(image - mean) / std for mean, std in zip(MEAN, STD, strict=True)], dim=1)

    def embeddings(prompt: str) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            found = model(**tokenizer([prompt], return_tensors="pt"), pixel_values=pixels)
        return found.text_embeds[0], found.image_embeds  # each of length 1

    cats = unit((embeddings("a cat")[0] + embeddings("a picture of a cat")[0]) / 2)
    dog, pictures = embeddings("a dog")
    expected = model.logit_scale.exp().detach() * pictures @ torch.stack([dog, cats]).T
    found = ClipZeroShot(clip, ["dog", "cat"], PROMPTS)(image)  # in the order of class_names
    assert torch.allclose(found, expected, atol=1e-4)


def test_nothing_of_it_is_trained_and_the_text_half_is_gone(clip: Path) -> None:
    network = ClipZeroShot(clip, ["cat", "dog"], PROMPTS)
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert not any("text" in name for name in network.state_dict())


@pytest.mark.parametrize(("prompts", "error"), [
    ({"cat": ["a cat"]}, r"prompts: are for cat, the classes are cat, dog; .* \(see dog\)"),
    ({**PROMPTS, "cow": ["a cow"]}, r"prompts: are for cat, dog, cow, .* \(see cow\)"),
    ({**PROMPTS, "dog": []}, r"prompts: of dog are \[\]; give a list of texts"),
    ({**PROMPTS, "dog": "a dog"}, "prompts: of dog are 'a dog'; give a list of texts"),
    ({**PROMPTS, "dog": ["a dog", " "]}, "prompts: of dog are"),
    ({**PROMPTS, "dog": ["dogs and dogs " * 8]}, r"prompts: 'dogs and dogs .*'… has \d+ tokens, this CLIP takes 40"),
])  # fmt: skip
def test_prompts_that_do_not_fit_are_refused(prompts: dict, error: str, clip: Path) -> None:
    with pytest.raises(InputError, match=error):
        ClipZeroShot(clip, ["cat", "dog"], prompts)


def test_another_backbone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a vit, not a clip; name one such as openai/clip-vit-base-patch32"):
        ClipZeroShot(write_backbone("vit", tmp_path / "vit"), ["cat", "dog"], PROMPTS)


def test_a_clip_without_tokenizer_or_weights_is_refused(tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "clip")
    (folder / "vocab.json").unlink()
    with pytest.raises(InputError, match=r"clip: transformers cannot load it as CLIP \("):
        ClipZeroShot(folder, ["cat", "dog"], PROMPTS)
    (folder / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"holds none of model.safetensors"):
        ClipZeroShot(folder, ["cat", "dog"], PROMPTS)
