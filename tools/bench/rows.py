"""The rows of the benchmark: which contenders are run in turn, on what, and which of their figures are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from bench.stage import ENOUGH, MANY, Stage

LEARNT = 30  # epochs after which a test Dice means something


class Ratio(NamedTuple):
    """A figure of ``over`` divided by the same round's of ``under``, and what it should be."""

    name: str
    over: tuple[str, str]  # contender, figure
    under: tuple[str, str]
    target: str


class Row(NamedTuple):
    """Contenders by label: (name in contender.py, options), and ratios between them."""

    contenders: Callable[[Stage], dict[str, tuple[str, dict[str, Any]]]]
    ratios: tuple[Ratio, ...] = ()


def _training(network: str) -> Callable[[Stage], dict[str, tuple[str, dict[str, Any]]]]:
    def contenders(stage: Stage) -> dict[str, tuple[str, dict[str, Any]]]:
        on = {"data": stage.twin(), "network": network}
        return {name: (name, {**on, "out": stage.out(name), **({} if name == "bare" else {"epochs": stage.epochs})})
                for name in ("bare", "bundle", "plain", "zoo")}

    return contenders


def _ceiling(stage: Stage) -> dict[str, tuple[str, dict[str, Any]]]:
    return {"bare": ("bare", {"data": stage.twin(), "out": stage.out("bare")}), "matrix": ("matrix", {})}


def _start(stage: Stage) -> dict[str, tuple[str, dict[str, Any]]]:
    on = {"data": stage.twin(), "out": stage.out("start")}
    return {"cold": ("start", {**on, "cache_dir": None}),
            "first": ("start", {**on, "cache_dir": stage.out("decoded"), "empty": True}),
            "warm": ("start", {**on, "cache_dir": stage.out("decoded")})}


def _inference(side: int) -> Callable[[Stage], dict[str, tuple[str, dict[str, Any]]]]:
    def contenders(stage: Stage) -> dict[str, tuple[str, dict[str, Any]]]:
        on = {"pictures": stage.pictures(side), "run_dir": stage.run()}
        reference = stage.out(f"monai_{side}")
        kinds = {"": "ours", **({"_per_core": "per_core"} if side < MANY else {})}
        return {"monai": ("monai", {**on, "out": reference}),
                **{precision + how: (name, {**on, "precision": precision, "out": stage.out(f"{precision}{how}_{side}"),
                                            "reference": reference})
                   for how, name in kinds.items() for precision in ("fp32", "bf16")}}

    return contenders


def _memory(stage: Stage) -> dict[str, tuple[str, dict[str, Any]]]:
    return {str(side): ("ours", {"pictures": stage.pictures(side), "run_dir": stage.run(), "precision": "fp32",
                                 "out": stage.out(f"memory_{side}")}) for side in (2048, 8192)}


def _accuracy(stage: Stage) -> dict[str, tuple[str, dict[str, Any]]]:
    return {name: ("accuracy", {"data": stage.large_twin(), "out": stage.out(f"accuracy_{name}"), "epochs": LEARNT,
                                "precision": name}) for name in ("auto", "fp32")}


def _to_dice(stage: Stage) -> dict[str, tuple[str, dict[str, Any]]]:
    on = {"data": stage.large_twin(), "target": 0.9, "minutes": stage.minutes}
    return {each: (each, {**on, "out": stage.out(each)}) for each in ("bundle", "plain", "zoo")}


def _cost(count: int) -> Callable[[Stage], dict[str, tuple[str, dict[str, Any]]]]:
    def contenders(stage: Stage) -> dict[str, tuple[str, dict[str, Any]]]:
        on = {"data": stage.linked(count), "out": stage.out(f"cost_{count}")}
        return {"cold": ("start", {**on, "cache_dir": None}),
                "fill": ("start", {**on, "cache_dir": stage.out("cost"), "empty": True}),
                "warm": ("start", {**on, "cache_dir": stage.out("cost")})}

    return contenders


_SPEED, _CPU_SPEED = "images_per_s", "images_per_cpu_s"
_TRAINED = (
    Ratio("bundle / bare", ("bundle", _SPEED), ("bare", _SPEED), ">= 0.95"),
    Ratio("bundle / zoo", ("bundle", _SPEED), ("zoo", _SPEED), ">= 2.5"),
    Ratio("bundle / plain", ("bundle", _SPEED), ("plain", _SPEED), ""),
    *(Ratio(f"bundle / {other}, processor time", ("bundle", _CPU_SPEED), (other, _CPU_SPEED), "")
      for other in ("bare", "zoo", "plain")),
)
_DRAWN = (
    Ratio("fp32 / monai", ("fp32", "mp_per_s"), ("monai", "mp_per_s"), ">= 2.5"),
    Ratio("bf16 / monai", ("bf16", "mp_per_s"), ("monai", "mp_per_s"), ">= 2.5"),
    Ratio("bf16 / monai, processor time", ("bf16", "mp_per_cpu_s"), ("monai", "mp_per_cpu_s"), ""),
)
_SHARED = tuple(Ratio(f"{name} / monai", (name, "mp_per_s"), ("monai", "mp_per_s"), "")
                for name in ("fp32_per_core", "bf16_per_core"))
_QUICKER = (Ratio("bundle / zoo", ("bundle", "seconds_to_dice"), ("zoo", "seconds_to_dice"), "<= 0.33"),)
_WARM = (Ratio("warm / cold", ("warm", "start_s"), ("cold", "start_s"), ""),)

ROWS = {
    "help": Row(lambda stage: {"help": ("help", {})}),
    "start": Row(_start, _WARM),
    "training": Row(_training("unet"), _TRAINED),
    "training_dynunet": Row(_training("dynunet"), tuple(
        ratio._replace(target=">= 4") if ratio.name == "bundle / zoo" else ratio for ratio in _TRAINED)),
    "ceiling": Row(_ceiling),
    "check_data": Row(lambda stage: {"check-data": ("check", {
        "data": stage.large_twin(), "out": stage.out("check"), "cases": ENOUGH})}),
    **{f"inference_{side}": Row(_inference(side), tuple(
        ratio if side == 4096 else ratio._replace(target="") for ratio in _DRAWN) + (_SHARED if side < MANY else ()))
       for side in (256, 1024, 4096, 8192)},
    "memory": Row(_memory),
    "accuracy": Row(_accuracy),
    "to_dice_twin": Row(_to_dice, _QUICKER),
    **{f"cost_{count}": Row(_cost(count), _WARM) for count in (100, 1000, 10_000)},
}
QUICK = ("help", "start", "training", "ceiling", "check_data", "inference_1024")
