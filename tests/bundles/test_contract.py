"""What holds for the files of every bundle."""

from __future__ import annotations

import json
import logging.config
from pathlib import Path

import pytest
from commands import ALL_CONFIGS, BUNDLES, CONFIGS, ROOT, RUN_IDS, Command

from monai_seg.bundle import config_problems, flatten, metadata_problems
from monai_seg.bundle.flatten import walk

SOURCES = sorted(path.relative_to(ROOT).as_posix() for top in ("bundles", "transforms")
                 for path in (ROOT / top).rglob("*.json"))
FRAGMENTS = [source for source in SOURCES if source.startswith(("bundles/engines", "bundles/networks", "transforms"))]


@pytest.fixture(autouse=True)
def from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_there_is_a_bundle():
    assert "siim" in BUNDLES


@pytest.mark.parametrize("config", ALL_CONFIGS)
def test_a_config_flattens_into_our_dialect(config: str):
    assert config_problems(flatten(config)) == []


@pytest.mark.parametrize("config", ALL_CONFIGS)
def test_a_config_opens_with_its_description_and_ends_with_its_run_ids(config: str):
    content = json.loads(Path(config).read_text())
    run_id = RUN_IDS[Path(config).stem]
    assert next(iter(content)) == "_desc_"
    assert list(content)[-2:] == [run_id, "run"]
    assert content["run"] == content[run_id]
    assert f"python -m monai.bundle run {run_id} --config_file {config}" in " ".join(content["_desc_"])


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_narrow_and_free_of_number_signs(source: str):
    lines = Path(source).read_text().splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > 120] == []
    assert [number for number, line in enumerate(lines, 1) if "#" in line] == []


@pytest.mark.parametrize("source", FRAGMENTS)
def test_a_fragment_is_a_leaf(source: str):
    content = json.loads(Path(source).read_text())
    assert [where for where, value in walk(content) if isinstance(value, str) and value.startswith("%")] == []


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_metadata_are_sound(bundle: str):
    assert metadata_problems(json.loads(Path(f"bundles/{bundle}/metadata.json").read_text())) == []


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_metadata_name_the_network_s_channels(bundle: str):
    network = json.loads(Path(f"bundles/{bundle}/metadata.json").read_text())["network_data_format"]
    config = flatten(f"bundles/{bundle}/train.json")
    assert network["outputs"]["pred"]["num_channels"] == config["out_channels"]
    assert network["inputs"]["image"]["num_channels"] == {"L": 1, "RGB": 3}[config["image_mode"]]


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_logging_config_loads(bundle: str):
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    try:
        logging.config.fileConfig(f"bundles/{bundle}/logging.conf", disable_existing_loggers=False)
        assert logging.getLogger().level == logging.INFO
        assert logging.getLogger("ignite").level == logging.WARNING
    finally:
        logging.getLogger().handlers, logging.getLogger("ignite").propagate = handlers, True
        logging.getLogger().setLevel(level)


@pytest.mark.parametrize("config", CONFIGS)
def test_monai_finds_every_property(
    config: str, run_module: Command, twins: dict[str, Path], runs: dict[str, Path], tmp_path: Path
):
    bundle, kind = Path(config).parent.name, Path(config).stem
    source = {"image_size": [64, 64]} if kind == "train" else {"run_dir": str(runs[bundle])}
    done = run_module("print_missing_properties", json.dumps({
        "config_file": config,
        "meta_file": f"bundles/{bundle}/metadata.json",
        "workflow_type": "train" if kind == "train" else "infer",
        "dataset_dir": str(twins[bundle]),
        "output_dir": str(tmp_path / "run"),
        **source,
    }))
    assert done.code == 0, done
    assert json.loads(done.stdout.splitlines()[-1]) == []
