from __future__ import annotations

import pytest
import torch
from monai.transforms import MaskIntensityd

from monai_seg.errors import InputError
from monai_seg.transforms import GateByClassd

NAMES = ["ill", "healthy", "very ill"]
SURE, UNSURE = [0.25, 0.5, 0.25], [0.125, 0.75, 0.125]  # of a lesion: 0.5 and 0.25


@pytest.mark.parametrize(("gate", "kept"), [(0, [1, 1]), (0.25, [1, 1]), (0.26, [1, 0]), (0.5, [1, 0]), (0.51, [0, 0])])
def test_a_mask_stays_where_the_classes_with_a_lesion_reach_the_gate(gate: float, kept: list[int]):
    """In a batch and one by one; a decision that was no stays no."""
    transform = GateByClassd(gate, ["ill", "very ill"], NAMES)
    batch = {"class_pred": torch.tensor([SURE, UNSURE]), "decision": torch.ones(2, 1, 1, 1)}
    found = transform(batch)
    assert found["decision"].flatten().tolist() == kept and found["decision"].shape == (2, 1, 1, 1)
    assert found["gate_prob"].tolist() == [[0.5], [0.25]]
    assert batch["decision"].flatten().tolist() == [1, 1], "what came in is left alone"
    for place in range(2):
        one = transform({"class_pred": batch["class_pred"][place], "decision": torch.ones(1, 1, 1)})
        assert one["decision"].tolist() == [[[kept[place]]]] and one["gate_prob"].shape == (1,)
    assert not transform({**batch, "decision": torch.zeros(2, 1, 1, 1)})["decision"].any()


def test_several_classes_of_pixels_are_all_blanked():
    case = {"class_pred": torch.tensor(UNSURE), "decision": torch.tensor([1.0, 0.0, 1.0])[:, None, None],
            "pred": torch.tensor([0.1, 0.3, 0.6])[:, None, None].expand(3, 4, 5)}
    for gate, drawn in ((0.25, 2), (0.3, 0)):
        gated = GateByClassd(gate, ["ill", "very ill"], NAMES)(case)
        mask = MaskIntensityd("pred", mask_key="decision")(gated)["pred"].argmax(dim=0)
        assert (mask == drawn).all()


def test_without_classes_nothing_is_done():
    case = {"class_pred": torch.tensor(SURE), "decision": torch.ones(1, 1, 1)}
    assert GateByClassd(0, None, NAMES)(case) == case


@pytest.mark.parametrize(("gate", "classes", "told"), [
    (0.5, None, "class_gate: is 0.5, but no gate_classes are given; name the classes"),
    (0, "ill", r"gate_classes: must be a list of names, got 'ill'; give a list of some of ill, healthy, very ill, or"),
    (0, [], "must be a list of names"),
    (0, ["il"], "gate_classes: 'il' is none of image_classes; give a list of some of ill, healthy, very ill"),
    (0, ["ill", "ill"], "names a class twice: ill, ill"),
    (0, ["ill", "healthy", "very ill"], "names all classes, so that there is nothing to tell apart"),
])  # fmt: skip
def test_what_cannot_gate_is_told_in_a_line(gate: float, classes: object, told: str):
    with pytest.raises(InputError, match=told):
        GateByClassd(gate, classes, NAMES)
