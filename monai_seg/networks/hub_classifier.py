"""An image classifier on a pretrained backbone of transformers: Swin, ViT, DINOv2, BEiT, BEiTv2 and their kin.

The backbone's published recipe makes the head: a linear layer on Swin's pooled features, on ViT's class token, on
DINOv2's class token beside the mean of its patches, on the normed mean of BEiT's patches.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from monai_seg.distributed import rank
from monai_seg.durable import make_folder, write_bytes_durably
from monai_seg.errors import InputError
from monai_seg.networks.frozen_part import block_names, freeze, frozen_modules
from monai_seg.networks.hub_backbone import find_backbone, import_transformers, quiet_transformers, read_json
from monai_seg.networks.image_form import preprocessing_size, read_image_form, read_preprocessing
from monai_seg.networks.timm_beit import is_timm_beit, read_timm_beit, timm_beit_config
from monai_seg.switch import as_switch

DESCRIPTION = ("config.json", "preprocessor_config.json", "processor_config.json")
UNSAID_SIZE = 224  # that of most published backbones
logger = logging.getLogger(__name__)


class HubClassifier(nn.Module):
    """Classifies images in [0, 1] of any size, grey or colour.

    Args:
        backbone: a folder that transformers wrote, or a hub id, see `find_backbone`; also the hub's BEiT and BEiTv2 of
            timm, see timm_beit.py.
        num_classes: of the new head.
        pretrained: false takes the description alone and draws the weights at random.
        freeze: true keeps the backbone as it is and trains the head (and what the file has no weights for, such as a
            norm of the head). Frozen layers stay in eval mode.
        train_last: with ``freeze``, how many of the backbone's last blocks are trained all the same, with what follows.

    Shape:
        Input (B, 1 or 3, H, W); result (B, num_classes) logits.

    Raises:
        InputError: no such backbone; not one of an image classifier; weights that do not fit it; ``train_last`` without
            ``freeze``, or of more blocks than there are.
    """

    def __init__(
        self,
        backbone: str | Path,
        num_classes: int,
        pretrained: bool | str = True,
        freeze: bool | str = False,
        train_last: int = 0,
    ) -> None:
        super().__init__()
        weighted, frozen = bool(as_switch("pretrained", pretrained)), bool(as_switch("freeze", freeze))
        if train_last and not frozen:
            raise InputError("train_last", f"is {train_last}, but nothing is frozen", "give --freeze true as well")
        self.folder = find_backbone(backbone, weighted)
        with quiet_transformers():
            self.model, new = _load(self.folder, num_classes, weighted)
        base = self.model.base_model
        if base is self.model:
            raise InputError(self.folder, f"{type(base).__name__} keeps no backbone apart from its head",
                             "name a Swin, ViT, DINOv2 or BEiT")
        _refuse_new_blocks(self.folder, base, new)
        self.form = read_image_form(self.folder, _input_size(self.folder, self.model.config))
        self._frozen = frozen_modules(base, train_last) if frozen else []
        _freeze_but(self._frozen, [self.model.get_parameter(name) for name in new])

    def forward(self, image: Tensor) -> Tensor:
        return self.model(pixel_values=self.form(image)).logits

    def train(self, mode: bool = True) -> HubClassifier:
        super().train(mode)
        for module in self._frozen:
            module.training = False
        return self


def save_description(network: nn.Module, folder: str | Path) -> None:
    """Keep the description of a `HubClassifier`'s backbone, without weights, so that a run can be built without the
    hub. Other networks have none.

    Raises:
        InputError: ``folder`` cannot be written.
    """
    if not isinstance(network, HubClassifier) or rank() != 0:
        return
    target = make_folder(folder)
    for name in DESCRIPTION:
        source = network.folder / name
        if source.is_file() and source.resolve() != (target / name).resolve():
            write_bytes_durably(target / name, source.read_bytes())


def log_parameters(network: nn.Module) -> None:
    """Log how many parameters ``network`` has and how many of them are trained."""
    counts = [(parameter.numel(), parameter.requires_grad) for parameter in network.parameters()]
    total, trained = sum(count for count, _ in counts), sum(count for count, is_trained in counts if is_trained)
    logger.info(f"{type(getattr(network, 'model', network)).__name__}: {trained:,} of {total:,} parameters are trained")


def _load(folder: Path, num_classes: int, pretrained: bool) -> tuple[Any, list[str]]:
    """Return the classifier, and the names of the parameters for which the file has no weights."""
    transformers = import_transformers()
    maker = transformers.AutoModelForImageClassification
    is_timm = is_timm_beit(read_json(folder / "config.json"))
    try:
        if is_timm:
            config = timm_beit_config(folder, num_classes)
        else:
            config = transformers.AutoConfig.from_pretrained(folder, num_labels=num_classes, trust_remote_code=False)
        if not pretrained:
            return maker.from_config(config), []
        options = {"config": config, "ignore_mismatched_sizes": True, "output_loading_info": True,
                   "dtype": torch.float32}
        if is_timm:
            model, told = transformers.BeitForImageClassification.from_pretrained(
                None, state_dict=read_timm_beit(folder), **options)
        else:
            model, told = maker.from_pretrained(folder, trust_remote_code=False, **options)
    except InputError:
        raise
    except Exception as error:  # transformers and safetensors raise whatever the files lead them to
        raise InputError(folder, f"transformers cannot make an image classifier of it ({_first_line(error)})",
                         "name a backbone such as microsoft/swin-tiny-patch4-window7-224") from error
    new = {*told["missing_keys"], *(entry[0] for entry in told["mismatched_keys"])}
    return model, sorted(new & dict(model.named_parameters()).keys())


def _refuse_new_blocks(folder: Path, base: nn.Module, new: list[str]) -> None:
    """A head may be new, and the norm before it; a block or an embedding without weights is another network's file."""
    blocks = {parameter for name in block_names(base) for parameter in base.get_submodule(name).parameters()}
    embeddings = set(getattr(base, "embeddings", nn.Module()).parameters())
    parameters = {parameter: name for name, parameter in base.named_parameters()}
    lacking = [name for parameter, name in parameters.items() if parameter in blocks | embeddings
               and any(full == name or full.endswith(f".{name}") for full in new)]
    if lacking:
        more = f", nor for {len(lacking) - 1:,} more" if len(lacking) > 1 else ""
        raise InputError(folder, f"its weights are not those of its config.json: none that fit {lacking[0]}{more}",
                         "fetch the backbone anew, with both files from one place")


def _freeze_but(modules: list[nn.Module], new: list[nn.Parameter]) -> None:
    freeze(modules)
    for parameter in new:
        parameter.requires_grad_(True)


def _input_size(folder: Path, config: Any) -> Any:
    """Return what the network takes: its config's size; that of its preprocessing for DINOv2, which takes any, and
    where the config says none.
    """
    told, size = preprocessing_size(read_preprocessing(folder)), getattr(config, "image_size", None)
    if told is not None and config.model_type.startswith("dinov2"):
        return tuple(side // config.patch_size * config.patch_size for side in told)
    return size or told or UNSAID_SIZE


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
