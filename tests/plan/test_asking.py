"""`new --ask` at a real terminal: every question with its evidence and its default, Enter, wrong answers, Ctrl-C."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from discs import disc

from monai_seg.errors import InputError
from monai_seg.plan.reading import Reading, answer_meant, ask_at_terminal

PROGRAM = Path(__file__).with_name("asked_at_terminal.py")
Write = Callable[..., tuple[Path, Path]]
CLASSES, PATIENT = "are the grey values between the lowest and the highest classes?", \
    "is the front of a name the patient?"
CTRL_C = "\x03"


class Terminal:
    """A process at a terminal of its own; `answer` waits for a prompt."""

    def __init__(self, *words: object) -> None:
        self.terminal, far_end = pty.openpty()
        self.process = subprocess.Popen([sys.executable, str(PROGRAM), *map(str, words)], stdin=far_end, stdout=far_end,
                                        stderr=far_end, start_new_session=True)
        os.close(far_end)

    def answer(self, prompt: str, text: str) -> str:
        """Return what was shown since the last answer, up to ``prompt``, and type ``text``."""
        shown = ""
        while not shown.endswith(prompt):
            try:
                shown += os.read(self.terminal, 1).decode("latin-1")
            except OSError:  # Linux tells so that the other end is closed
                raise AssertionError(f"ended without {prompt!r}: {shown}") from None
        os.write(self.terminal, text.encode())
        return shown

    def end(self, press: str = "") -> tuple[int, str]:
        """Return the exit code and all that was shown after the last answer.

        Where nothing comes for five seconds, ``press`` is typed once more: a signal that reaches Python just before it
        waits for a line is not seen before the next one, as a person at a keyboard knows.
        """
        rest = b""
        while True:
            if press and not select.select([self.terminal], [], [], 5.0)[0]:
                os.write(self.terminal, press.encode())
                continue
            try:
                part = os.read(self.terminal, 4096)
            except OSError:
                break
            if not part:
                break
            rest += part
        os.close(self.terminal)
        return self.process.wait(), rest.decode("latin-1")


def _patients(write: Write) -> tuple[Path, Path]:
    images, masks = write(draw=lambda place: disc(place, 128, inner=255))
    for folder in (images, masks):
        for path in sorted(folder.iterdir()):
            number = int(path.stem[1:])
            path.rename(folder / f"pat{number // 3:02d}_{number % 3}.png")
    return images, masks


@pytest.fixture
def terminal(root: Path, write: Write) -> Terminal:
    images, masks = _patients(write)
    return Terminal(images, masks)


def test_enter_takes_what_the_evidence_speaks_for(terminal: Terminal):
    first = terminal.answer("[yes]: ", "\n")
    assert CLASSES in first and "pixels of 128 in 24 masks" in first and "which is it: yes / no, edges" in first
    second = terminal.answer("[yes]: ", "\n")
    assert PATIENT in second and "24 images in 8 groups" in second and "which is it: yes / no" in second
    code, rest = terminal.end()
    assert code == 0 and "which is it" not in rest
    assert '"classes": 3' in Path("bundles/mine/train.json").read_text()
    assert '"group": "pat00"' in Path("data/mine/datalist.json").read_text()


def test_a_wrong_answer_asks_again_and_another_one_is_taken(terminal: Terminal):
    terminal.answer("[yes]: ", "perhaps\n")
    again = terminal.answer("[yes]: ", "no\n")
    lines = [line for line in again.splitlines() if "rror" in line]
    assert lines == ["Error: 'perhaps' is not one of yes / no, edges"]
    terminal.answer("[yes]: ", "no\n")
    code, rest = terminal.end()
    assert code == 0 and f"{CLASSES} no, edges: as answered (" in rest and f"{PATIENT} no: as answered (" in rest
    assert '"kind": "binary"' in Path("bundles/mine/train.json").read_text()
    assert Path("data/mine").is_symlink()  # no groups, so no list is needed
    assert "as answered" in Path("bundles/mine/README.md").read_text()


@pytest.mark.parametrize("questions", [1, 2])
def test_ctrl_c_at_a_question_leaves_nothing(questions: int, terminal: Terminal):
    for _ in range(questions - 1):
        terminal.answer("[yes]: ", "\n")
    terminal.answer("[yes]: ", CTRL_C)
    code, rest = terminal.end(press=CTRL_C)
    assert code in (1, 130, -signal.SIGINT) and "Traceback" not in rest  # the last where it was pressed twice
    assert {path.name for path in Path("bundles").iterdir()} == {"engines", "networks", "isic", "tissue"}
    assert not Path("data").exists() or not list(Path("data").iterdir())


@pytest.mark.parametrize(("text", "meant"), [("yes", "yes"), (" Y ", "yes"), ("n", "no, edges"), ("no, edges",) * 2])
def test_the_beginning_of_an_answer_will_do(text: str, meant: str):
    assert answer_meant(["yes", "no, edges"], text) == meant


@pytest.mark.parametrize("text", ["i", "", "index", "index 12"])
def test_what_is_no_answer_or_two_is_told_with_the_choices(text: str):
    with pytest.raises(typer.BadParameter, match="is not one of index 0 / index 1"):
        answer_meant(["index 0", "index 1"], text)


def test_the_whole_name_is_taken_though_another_one_begins_so():
    assert answer_meant(["index 1", "index 10"], "index 1") == "index 1"


def test_one_reading_alone_is_no_question():
    reading = Reading("is it?", "yes", "all of them", {"yes": 1})
    assert ask_at_terminal(reading) is reading


def test_where_nobody_answers_a_line_says_so(monkeypatch: pytest.MonkeyPatch):
    with open(os.devnull) as nobody, pytest.raises(InputError, match="--ask: got no answer, the input has ended"):
        monkeypatch.setattr(sys, "stdin", nobody)
        ask_at_terminal(Reading("is it?", "yes", "all of them", {"yes": 1, "no": 2}))
