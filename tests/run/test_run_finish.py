from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from monai_seg.errors import InputError
from monai_seg.run import finish


def trainer(**state: Any) -> Any:
    return SimpleNamespace(state=SimpleNamespace(epoch=2, iteration=7, **state))


def test_a_run_that_is_done_just_ends() -> None:
    finish(trainer())
    finish(trainer(stopped_by=None, save_error=None))


@pytest.mark.parametrize(("reason", "code"), [
    ("SIGTERM", 143), ("SIGUSR1", 143), ("STOP", 143), ("max_time_s", 143), ("SIGINT", 130),
])  # fmt: skip
def test_a_stopped_run_has_its_exit_code(reason: str, code: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(SystemExit) as ended:
        finish(trainer(stopped_by=reason))
    assert ended.value.code == code
    assert f"stopped by {reason} in epoch 2 after iteration 7; what was done is saved, go on with" in caplog.text


def test_a_last_save_that_failed_is_an_error_however_it_ended() -> None:
    error = InputError("a.pt", "cannot be written (No space left)", "free space")
    with pytest.raises(InputError, match=r"^a\.pt: the last checkpoint is not saved, cannot be .*; free space, and"):
        finish(trainer(stopped_by="SIGTERM", save_error=error))
