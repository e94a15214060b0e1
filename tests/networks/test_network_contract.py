"""What every network fragment does, whatever class it names: one behaviour for all of bundles/networks."""

from __future__ import annotations

import copy
import io
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from monai.bundle import ConfigParser
from torch import Tensor, nn
from torch.export import Dim

from monai_seg.networks import SegmentationNetwork

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "bundles" / "networks"
PARAMETERS = {  # for 1 channel in and 1 out
    "attention_unet": 1_987_417,
    "basicunetplusplus": 2_410_180,
    "deeplabv3plus": 22_430_929,
    "dynunet": 15_194_627,
    "flexible_unet_efficientnet_b0": 7_059_701,
    "flexible_unet_resnet18": 13_713_137,
    "flexible_unet_resnet34": 23_821_297,
    "flexible_unet_resnet50": 32_103_409,
    "multitask_unet": 1_625_872,
    "resunet_deeplab": 22_919_153,
    "swin_unetr": 6_302_203,
    "tissue_unet": 495_905,
    "unet": 1_624_844,
}
DEEPLY_SUPERVISED = {"dynunet": 3}  # logits in training, 1 for all else
NEEDS = {"swin_unetr": "einops"}
UNUSED = {  # weights that MONAI makes and never uses; the fragments say why
    "basicunetplusplus": r"final_conv_0_[123]\.(weight|bias)",
    "flexible_unet_efficientnet_b0": r"encoder\.(_conv_head|_bn1|_fc)\.(weight|bias)",
}
ONE_SIZE = {"swin_unetr"}  # its windows are counted when it is exported
QUICK = {"unet"}  # compiled and exported within seconds
BF16_TOLERANCE = 5  # times the error that jitter of bf16's size in the convolutions' results alone makes in float32
COMPILED_TOLERANCE = 1e-4  # largest error in shares of the spread: the same operations in float32, in other order
ONNX_TOLERANCE = 1e-3  # likewise, from float64. Or, where eager float32 itself is further from float64 than that, so
ROUNDINGS = 2  # many times that distance: an untrained EfficientNet enlarges rounding to 0.3 %


def config(name: str, in_channels: int, out_channels: int, **ids: object) -> ConfigParser:
    """The part of a bundle's config that makes the network ``name``."""
    return ConfigParser({
        "in_channels": in_channels, "out_channels": out_channels, "num_classes": 4, "dropout": 0.2, "prior": None,
        "precision": "fp32", "device": "cpu", "network_def": f"%{FOLDER / name}.json",
        "network": f"%{ROOT}/bundles/engines/network.json", **ids,
    })  # fmt: skip


def build(name: str, in_channels: int, out_channels: int, **ids: object) -> SegmentationNetwork:
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    torch.manual_seed(0)
    return config(name, in_channels, out_channels, **ids).get_parsed_content("network")


def noise(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def settle(network: nn.Module) -> None:
    """Give batch norms the statistics of noise: with those they begin with, logits hardly differ between pixels."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # one batch is the mean so far
    with torch.no_grad():
        network.train()(noise(2, 3, 64, 64))
    for norm in norms:
        norm.momentum = 0.1
    network.eval()


def flat(outputs: Any) -> list[Tensor]:
    """The tensors of what a network gives: of all levels, and of a class branch."""
    return [outputs] if isinstance(outputs, Tensor) else [tensor for part in outputs for tensor in flat(part)]


def masks(outputs: Any) -> Any:
    """The mask logits without those of a class branch."""
    return outputs[0] if isinstance(outputs, tuple) else outputs


def errors(outputs: Any, exact: Any) -> list[Tensor]:
    """How far ``outputs`` are from ``exact``, in shares of what a channel's logits differ by among pixels."""
    pairs = list(zip(flat(outputs), flat(exact), strict=True))
    spread = [(good - good.mean(dim=(0, *range(2, good.ndim)), keepdim=True)).abs().mean() for _, good in pairs]
    assert min(spread) > 1e-3
    return [(found - good).abs() / scale for (found, good), scale in zip(pairs, spread, strict=True)]


def jittered(network: nn.Module, image: Tensor) -> Any:
    """The float32 result with each convolution's multiplied by 1 + u, |u| <= 2^-9, which is bf16's rounding."""
    generator = torch.Generator().manual_seed(0)

    def jitter(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        return output * (1 + (2 * torch.rand(output.shape, generator=generator) - 1) * 2**-9)

    kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
    hooks = [module.register_forward_hook(jitter) for module in network.modules() if isinstance(module, kinds)]
    try:
        with torch.no_grad():
            return network(image)
    finally:
        for hook in hooks:
            hook.remove()


@pytest.fixture(scope="module", params=sorted(PARAMETERS))
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def network(name: str) -> SegmentationNetwork:
    """For 3 channels in and 4 out, in evaluation; no test changes it."""
    made = build(name, 3, 4)
    settle(made)
    return made


@pytest.fixture
def compiler() -> Iterator[None]:
    torch.compiler.reset()
    yield
    torch.compiler.reset()


def heavy(names: set[str] | dict[str, int]) -> list[Any]:
    return [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in sorted(names)]


def test_every_fragment_is_here() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(PARAMETERS)


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (96, 64)])
def test_evaluation_gives_one_tensor_of_the_image_s_size(network: SegmentationNetwork, size: tuple[int, int]) -> None:
    with torch.no_grad():
        logits = masks(network(noise(1, 3, *size)))
    assert isinstance(logits, Tensor)
    assert logits.shape == (1, 4, *size)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()


def test_grey_images_and_one_class_and_as_many_weights_as_ever(name: str) -> None:
    made = build(name, 1, 1)
    assert sum(weight.numel() for weight in made.parameters()) == PARAMETERS[name]
    with torch.no_grad():
        assert masks(made.eval()(noise(2, 1, 40, 32))).shape == (2, 1, 40, 32)


def test_training_gives_a_list_only_where_deeply_supervised_and_gradients_reach_all(name: str) -> None:
    made = build(name, 1, 4).train()
    outputs = made(noise(4, 1, 33, 40))
    levels = masks(outputs)
    assert isinstance(levels, list) is (name in DEEPLY_SUPERVISED)
    assert [level.shape for level in flat(levels)] == [(4, 4, 33, 40)] * DEEPLY_SUPERVISED.get(name, 1)
    torch.stack([(logits * torch.randn_like(logits)).sum() for logits in flat(outputs)]).sum().backward()
    unused = re.compile(UNUSED.get(name, "none"))
    for key, weight in made.network.named_parameters():
        assert (weight.grad is None) is bool(unused.fullmatch(key)), key
        if weight.grad is not None and weight.ndim > 1:  # a bias before a norm changes nothing
            assert weight.grad.any(), key


def test_one_image_is_a_batch(name: str) -> None:
    """Where memory is short, batches shrink to one image."""
    with torch.no_grad():
        assert all(logits.isfinite().all() for logits in flat(build(name, 1, 1).train()(noise(1, 1, 32, 32))))


def test_a_prior_finds_its_bias(name: str) -> None:
    made = build(name, 1, 1, prior=0.02)
    with torch.no_grad():
        probability = flat(made.train()(noise(2, 1, 64, 64)))[0].sigmoid()  # batch norms by the batch
    assert 0.005 < probability.median() < 0.08


def test_bf16_agrees_with_fp32(network: SegmentationNetwork, name: str) -> None:
    """Measured against jitter, as untrained batch norm networks enlarge any error: DeepLabV3+ to 30 % of the spread.

    After 150 steps of training the same network's error is 0.3 %.
    """
    rounded = build(name, 3, 4, precision="bf16")
    rounded.load_state_dict(network.state_dict())
    with torch.no_grad():
        exact, found = network(noise(2, 3, 64, 64)), rounded.eval()(noise(2, 3, 64, 64))
    assert all(logits.dtype == torch.float32 for logits in flat(found))
    expected = errors(jittered(network, noise(2, 3, 64, 64)), exact)
    for error, reference in zip(errors(found, exact), expected, strict=True):
        assert 0 < error.mean() < BF16_TOLERANCE * reference.mean()


@pytest.mark.parametrize("name", heavy(PARAMETERS), scope="module")
def test_compiled_it_agrees_with_eager(network: SegmentationNetwork, compiler: None) -> None:
    with torch.no_grad():
        exact, found = network(noise(2, 3, 33, 64)), torch.compile(network, backend="aot_eager")(noise(2, 3, 33, 64))
    assert max(error.max() for error in errors(found, exact)) < COMPILED_TOLERANCE


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="inductor compiles by g++")
@pytest.mark.parametrize("name", ["unet"], scope="module")
def test_compiled_by_inductor_it_agrees_with_eager(network: SegmentationNetwork, compiler: None) -> None:
    with torch.no_grad():
        exact, found = network(noise(2, 3, 33, 64)), torch.compile(network)(noise(2, 3, 33, 64))
    assert max(error.max() for error in errors(found, exact)) < ONNX_TOLERANCE


@pytest.mark.parametrize("name", heavy(PARAMETERS), scope="module")
@pytest.mark.skipif(find_spec("onnxscript") is None, reason="needs the extra export")
@pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning", "ignore:The tensor attributes.*:UserWarning")
def test_exported_to_onnx_it_is_as_exact_as_eager_at_any_size(network: SegmentationNetwork, name: str) -> None:
    session = exported(network, sizes=name not in ONE_SIZE)
    for shape in [(2, 3, 64, 64), (3, 3, 64, 64)] if name in ONE_SIZE else [(2, 3, 64, 64), (3, 3, 96, 128)]:
        with torch.no_grad():
            eager = [logits.double() for logits in flat(network.network(noise(*shape)))]
            exact = flat(copy.deepcopy(network.network).double()(noise(*shape).double()))
        found = [torch.from_numpy(array).double() for array in session.run(None, {"image": noise(*shape).numpy()})]
        rounding = max(error.max() for error in errors(eager, exact))
        assert max(error.max() for error in errors(found, exact)) < max(ONNX_TOLERANCE, ROUNDINGS * rounding)


def exported(network: SegmentationNetwork, sizes: bool) -> Any:
    """The inner network in ONNX Runtime, for any number of images and, with ``sizes``, any multiple of the divisor."""
    import onnxruntime

    dynamic: dict[int, Any] = {0: Dim("batch", min=1, max=64)}
    if sizes:
        smallest = 2 if network.divisor > 1 else 32
        height, width = (Dim(axis, min=smallest, max=4096 // network.divisor) for axis in ("height", "width"))
        dynamic |= {2: network.divisor * height, 3: network.divisor * width}
    program = torch.onnx.export(network.network, (noise(4, 3, 64, 96 if sizes else 64),), dynamo=True, verbose=False,
                                input_names=["image"], dynamic_shapes=(dynamic,))
    file = io.BytesIO()
    program.save(file)
    return onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])


def test_the_rate_of_dropout_is_an_id_and_holds_after_every_block() -> None:
    made = config("tissue_unet", 1, 4, dropout=0.35).get_parsed_content("network_def")
    blocks = [module for module in made.modules() if type(module).__name__ == "Convolution"]
    assert len(blocks) == 18  # two on each of five levels down and four up
    for block in blocks:
        parts = [type(part).__name__ for part in [block.conv, *block.adn]]
        assert parts == ["Conv2d", "InstanceNorm2d", "Dropout", "ReLU"]
        assert block.adn.D.p == 0.35


def test_dropout_before_a_relu_is_dropout_after_it() -> None:
    values = torch.randn(1000)
    torch.manual_seed(0)
    before = nn.functional.dropout(values, 0.2).relu()
    torch.manual_seed(0)
    after = nn.functional.dropout(values.relu(), 0.2)
    assert torch.equal(before, after)
