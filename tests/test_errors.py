from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from monai_seg.errors import InputError, find_input_error

RUN = "from monai_seg.errors import InputError, report_input_errors_in_one_line as r\nr(); r()\n"


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", RUN + code], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("parts", "line"), [
    (("a.png", "is cut short", "copy it again"), "a.png: is cut short; copy it again"),
    (("a.png", "is cut short"), "a.png: is cut short"),
    (("nothing to do",), "nothing to do"),
    (("a.png", "first\n  second\r\nthird", "mend"), "a.png: first second third; mend"),
    (("two  spaces.png", "x", "y"), "two  spaces.png: x; y"),
])  # fmt: skip
def test_the_message_is_one_line(parts: tuple[str, ...], line: str) -> None:
    assert str(InputError(*parts)) == line


def test_pickling_keeps_the_parts() -> None:
    error = pickle.loads(pickle.dumps(InputError("a.png", "cause", "mend")))
    assert (type(error), error.where, error.cause, error.mend) == (InputError, "a.png", "cause", "mend")
    assert str(error) == "a.png: cause; mend"


def test_an_input_error_is_found_however_deep_it_is_wrapped() -> None:
    cause = InputError("a.png", "cause")
    try:
        try:
            try:
                raise cause
            except InputError as error:
                raise RuntimeError("applying transform") from error
        except RuntimeError:
            raise KeyError("while handling it")  # noqa: B904  (the context is the matter)
    except KeyError as error:
        assert find_input_error(error) is cause


def test_what_was_hidden_by_from_none_is_not_found() -> None:
    try:
        try:
            raise InputError("a.png", "handled")
        except InputError:
            raise RuntimeError("our own fault") from None
    except RuntimeError as error:
        assert find_input_error(error) is None


def test_a_circle_of_causes_ends() -> None:
    first, second = RuntimeError("1"), RuntimeError("2")
    first.__cause__, second.__cause__ = second, first
    assert find_input_error(first) is None
    assert find_input_error(None) is None


def test_the_process_ends_in_one_line_with_exit_code_1() -> None:
    done = run("try:\n    raise InputError('a.png', 'is cut short', 'copy it again')\n"
               "except ValueError as e:\n    raise RuntimeError('long\\n' * 50) from e")
    assert done.returncode == 1
    assert done.stderr == "error: a.png: is cut short; copy it again\n"
    assert done.stdout == ""


def test_other_exceptions_keep_their_traceback() -> None:
    done = run("raise KeyError('ours')")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("KeyError: 'ours'\n")
