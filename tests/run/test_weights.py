from __future__ import annotations

from pathlib import Path

import pytest
import torch

from monai_seg.errors import InputError
from monai_seg.run import fitting_weights

NETWORK = torch.nn.Conv2d(1, 2, 3)


def test_fitting_weights_pass(tmp_path: Path):
    torch.save({"model": NETWORK.state_dict()}, tmp_path / "model.pt")
    assert fitting_weights(tmp_path / "model.pt", NETWORK) == str(tmp_path / "model.pt")


@pytest.mark.parametrize(("content", "line"), [
    ({"net": NETWORK.state_dict()}, "holds no weights under the key model"),
    ({"model": 3}, "holds no weights under the key model"),
    ({"model": {"weight": torch.zeros(2, 1, 3, 3)}}, r"bias is missing, the network has \(2,\)"),
    ({"model": torch.nn.Conv2d(3, 2, 3).state_dict()}, r"weight is \(2, 3, 3, 3\), the network has \(2, 1, 3, 3\)"),
    ({"model": {**NETWORK.state_dict(), "more": torch.zeros(1)}}, r"more is \(1,\), the network has none"),
])
def test_other_weights_are_told(content: dict, line: str, tmp_path: Path):
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(InputError, match=line):
        fitting_weights(tmp_path / "model.pt", NETWORK)


def test_a_missing_file_and_a_file_of_something_else_are_told(tmp_path: Path):
    with pytest.raises(InputError, match=r"model\.pt: no weights here; train first"):
        fitting_weights(tmp_path / "model.pt", NETWORK)
    (tmp_path / "model.pt").write_text("x")
    with pytest.raises(InputError, match=r"model\.pt: not a file of weights"):
        fitting_weights(tmp_path / "model.pt", NETWORK)
