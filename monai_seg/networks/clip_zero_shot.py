"""Classification without training: an image is of the class whose description CLIP finds nearest.

Each prompt's embedding is brought to length 1; the mean of a class's prompts, brought to length 1 again, is the class.
The logit is CLIP's own scale times the cosine of image and class.

Source:
    Radford et al. 2021, section 3.1.4 (prompt ensembling), https://arxiv.org/abs/2103.00020.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from monai_seg.errors import InputError
from monai_seg.networks.hub_backbone import find_backbone, import_transformers, quiet_transformers, read_json
from monai_seg.networks.image_form import read_image_form


class ClipZeroShot(nn.Module):
    """Classifies images in [0, 1] of any size, grey or colour. The text half is used once, to build this.

    Args:
        backbone: folder or hub id of a CLIP, such as ``openai/clip-vit-base-patch32``, see `find_backbone`.
        class_names: the classes in the order of their ids.
        prompts: for each class name a list of prompts, at least one.

    Shape:
        Input (B, 1 or 3, H, W); result (B, classes) logits.

    Raises:
        InputError: no such backbone, or it is no CLIP; classes without prompts, or prompts without a class; a prompt
            longer than the text half takes.
    """

    def __init__(
        self, backbone: str | Path, class_names: Sequence[str], prompts: Mapping[str, Sequence[str]]
    ) -> None:
        super().__init__()
        check_prompts(class_names, prompts)
        folder = find_backbone(backbone)
        kind = read_json(folder / "config.json").get("model_type")
        if kind != "clip":
            raise InputError(folder, f"is a {kind}, not a clip", "name one such as openai/clip-vit-base-patch32")
        with quiet_transformers():
            clip, tokenizer = _load(folder)
        classes = [class_embedding(clip, tokenizer, list(prompts[name])) for name in class_names]
        self.vision, self.projection = clip.vision_model, clip.visual_projection
        self.form = read_image_form(folder, clip.config.vision_config.image_size)
        self.classes: Tensor
        self.scale: Tensor
        self.register_buffer("classes", torch.stack(classes))
        self.register_buffer("scale", clip.logit_scale.detach().exp())
        self.requires_grad_(False)
        self.eval()

    def forward(self, image: Tensor) -> Tensor:
        embedding = self.projection(self.vision(pixel_values=self.form(image)).pooler_output)
        return self.scale * normalize(embedding.float(), dim=-1) @ self.classes.T


def class_embedding(clip: Any, tokenizer: Any, prompts: Sequence[str]) -> Tensor:
    """Return the normed mean of the normed embeddings of ``prompts``, (D,).

    Raises:
        InputError: a prompt has too many tokens; it would be cut in silence.
    """
    longest = clip.config.text_config.max_position_embeddings
    for prompt in prompts:
        count = len(tokenizer(prompt)["input_ids"])
        if count > longest:
            raise InputError("prompts", f"{prompt[:60]!r}… has {count} tokens, this CLIP takes {longest}", "shorten it")
    tokens = tokenizer(list(prompts), padding=True, return_tensors="pt")
    with torch.no_grad():
        pooled = clip.text_model(input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]).pooler_output
        each = normalize(clip.text_projection(pooled), dim=-1)
    return normalize(each.mean(dim=0), dim=-1)


def check_prompts(class_names: Sequence[str], prompts: Mapping[str, Sequence[str]]) -> None:
    """Check that each class has prompts and each prompt a class.

    Raises:
        InputError: it is not so.
    """
    if set(prompts) != set(class_names):
        odd = sorted(set(prompts) ^ set(class_names))
        raise InputError("prompts", f"are for {', '.join(prompts)}, the classes are {', '.join(class_names)}",
                         f"give prompts for each class and no other (see {odd[0]})")
    for name in class_names:
        given = prompts[name]
        if isinstance(given, str) or not given or not all(isinstance(text, str) and text.strip() for text in given):
            raise InputError("prompts", f"of {name} are {given!r}", "give a list of texts, at least one")


def _load(folder: Path) -> tuple[Any, Any]:
    transformers = import_transformers()
    try:
        clip, told = transformers.CLIPModel.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # transformers, tokenizers and safetensors raise whatever the files lead them to
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise InputError(folder, f"transformers cannot load it as CLIP ({reason})",
                         "fetch it anew, with its tokenizer") from error
    lacking = sorted({*told["missing_keys"], *(entry[0] for entry in told["mismatched_keys"])})
    if lacking:
        raise InputError(folder, f"its weights are not those of its config.json: none that fit {lacking[0]}",
                         "fetch it anew, with both files from one place")
    return clip.eval(), tokenizer
