"""Commands on a tiny twin of each bundle's data set."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import BUNDLES, ENVIRONMENT, ROOT, SMALL, Command, Outcome, bundle_command

NEEDS_A_LIST = ("covid_qu_ex", "covid_radiography", "isic", "tissue")  # pairing by name is not enough for these


@pytest.fixture(scope="session")
def run_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """``run_module("monai.bundle", "run", …)`` runs ``python -m monai.bundle run …`` and gives its `Outcome`."""
    folder = tmp_path_factory.mktemp("commands")
    server = subprocess.Popen([sys.executable, str(Path(__file__).with_name("command_server.py"))], cwd=ROOT, text=True,
                              env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None and server.stdout is not None

    def run_forked(*argv: str) -> Outcome:
        out, err = folder / "stdout", folder / "stderr"
        print(json.dumps({"argv": argv, "stdout": str(out), "stderr": str(err)}), file=server.stdin, flush=True)
        answer = server.stdout.readline()
        assert answer, f"the command server ended with exit code {server.wait()}"
        return Outcome(int(answer), out.read_text(), err.read_text())

    yield run_forked
    server.stdin.close()
    assert server.wait() == 0
    server.stdout.close()


@pytest.fixture(scope="session")
def run(run_module: Command) -> Command:
    """``run("siim/train", dataset_dir=…)`` runs the bundle's command with ids overridden and gives its `Outcome`."""
    return lambda config, **options: run_module(*bundle_command(config, **options))


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny twin of each bundle's data set; to be read only."""
    from monai_seg import prepare
    from monai_seg.sample import make_twin

    folder = tmp_path_factory.mktemp("twins")
    for bundle in BUNDLES:
        make_twin(bundle, folder / bundle, cases=30, seed=0, size=128)
        if bundle in NEEDS_A_LIST:
            getattr(prepare, f"prepare_{bundle}")(folder / bundle)
    return {bundle: folder / bundle for bundle in BUNDLES}


@pytest.fixture(scope="session")
def runs(run: Command, twins: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of a run of two epochs of each bundle on its twin; to be read only."""
    folder = tmp_path_factory.mktemp("runs")
    for bundle in BUNDLES:
        done = run(f"{bundle}/train", dataset_dir=twins[bundle], output_dir=folder / bundle, **SMALL)
        assert done.code == 0, done
    return {bundle: folder / bundle for bundle in BUNDLES}


@pytest.fixture
def twin(twins: dict[str, Path], tmp_path: Path) -> Path:
    """A twin of SIIM of its own, to be spoilt."""
    return shutil.copytree(twins["siim"], tmp_path / "siim")


@pytest.fixture
def trained(runs: dict[str, Path], tmp_path: Path) -> Path:
    """A run of SIIM of its own, to be gone on with."""
    return shutil.copytree(runs["siim"], tmp_path / "run", symlinks=True)
