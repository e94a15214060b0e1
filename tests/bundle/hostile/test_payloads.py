"""The payloads of the hostile bundles are live: here some of them do run, in a process and folder of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hostile_bundle import CANARY, PYTHON, SHELL

MONAI = {  # config -> id that is asked for
    "f-string out of a text": ({"f": 1, "x": "$'@f{" + PYTHON.replace("'", '"') + "}'"}, "x"),
    "reader by name": (
        {"x": {"_target_": "LoadImaged", "keys": "image", "reader": "os.system", "command": SHELL}}, "x"),
    "expression in the metadata": ({"_meta_": {"version": f"${PYTHON}"}}, "_meta_::version"),
    "expression in a description": ({"x": {"_desc_": f"${PYTHON}"}}, "x::_desc_"),
}
SHOTS = {
    "arguments of a logging handler": f"""
import io, logging.config
logging.config.fileConfig(io.StringIO('''[loggers]
keys=root
[handlers]
keys=h
[formatters]
keys=
[logger_root]
handlers=h
[handler_h]
class=StreamHandler
args=({PYTHON},)
'''))
""",
    "call in a pickle": f"""
import os, pickle
class Calls:
    def __reduce__(self):
        return os.system, ({SHELL!r},)
pickle.loads(pickle.dumps(Calls()))
""",
}


@pytest.mark.parametrize("name", SHOTS)
def test_python_would_have_run_it(name: str, tmp_path: Path):
    subprocess.run([sys.executable, "-c", SHOTS[name]], cwd=tmp_path, capture_output=True, timeout=120)
    assert (tmp_path / CANARY).exists()


@pytest.mark.slow
def test_monai_would_have_run_it(tmp_path: Path):
    """All in one process, as MONAI takes long to import; each in its own folder."""
    code = f"""
import os
from contextlib import suppress
from monai.bundle import ConfigParser
for number, (config, asked) in enumerate({list(MONAI.values())!r}):
    os.mkdir(str(number))
    os.chdir(str(number))
    with suppress(Exception):
        ConfigParser(config).get_parsed_content(asked)
    os.chdir("..")
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, timeout=120)
    assert [name for number, name in enumerate(MONAI) if not (tmp_path / str(number) / CANARY).exists()] == []
