from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from monai.networks.nets import BasicUNetPlusPlus, DynUNet, UNet
from packed_bundle import ROOT, Files, as_json, onnx_model, pack, safetensors, weights
from typer.testing import CliRunner

from monai_seg.bundle import check_bundle, unpack
from monai_seg.bundle.inspect.onnx_file import check_onnx
from monai_seg.bundle.inspect.safetensors_file import check_safetensors
from monai_seg.bundle.inspect.zip_of_tensors import check_weights
from monai_seg.cli import app
from monai_seg.errors import InputError

SOURCES = sorted(path.parent.name for path in (ROOT / "bundles").glob("*/logging.conf"))


@pytest.mark.parametrize("bundle", SOURCES)
def test_our_own_sources_pass_clean(bundle: str):
    report = check_bundle(ROOT / "bundles" / bundle)
    assert report.form == "source" and len(report.files) >= 4
    assert report.findings == ()


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, timeout=60)


def test_the_command_imports_neither_torch_nor_monai(clean_zip: Path, tmp_path: Path):
    code = f"""
import sys
from monai_seg.cli import app
try:
    app(["check-bundle", {str(clean_zip)!r}, "--json", "out.json"])
except SystemExit as end:
    assert end.code == 0, end.code
    app(["unpack", {str(clean_zip)!r}, "new"], standalone_mode=False)
print(sorted({{name.split(".")[0] for name in sys.modules}} & {{"torch", "monai", "ignite", "numpy", "onnx", "PIL"}}))
"""
    done = run("-c", code, cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "new" / "MANIFEST.json").is_file()


def test_the_command_prints_a_table_writes_json_and_passes(clean_zip: Path, tmp_path: Path):
    result = CliRunner().invoke(app, ["check-bundle", str(clean_zip), "--json", str(tmp_path / "out.json")])
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "out.json").read_text())
    assert report["passed"] and report["form"] == "zip" and report["name"] == "siim"
    assert result.output.splitlines()[-1].endswith(f"nothing refused in {len(report['files'])} files, "
                                                   f"sha256 {report['sha256']}")
    assert {file["path"]: file["kind"] for file in report["files"]}["models/model.pt"] == "weights"


def test_the_command_refuses_by_file_id_and_cause(clean_files: Files, tmp_path: Path):
    config = {**json.loads(clean_files["configs/train.json"]), "a": {"b": ["$exit()"]}}
    path = pack({**clean_files, "configs/train.json": as_json(config)}, tmp_path / "siim.zip")
    result = CliRunner().invoke(app, ["check-bundle", str(path), "--json", str(tmp_path / "out.json")])
    assert result.exit_code == 1
    assert "refused: configs/train.json: a::b::0: $exit() uses exit; allowed are" in result.output
    (refusal,) = json.loads((tmp_path / "out.json").read_text())["refusals"]
    assert (refusal["file"], refusal["id"]) == ("configs/train.json", "a::b::0")


def test_the_unpack_command_says_what_it_did(clean_zip: Path, tmp_path: Path):
    result = CliRunner().invoke(app, ["unpack", str(clean_zip), str(tmp_path / "new")])
    assert result.exit_code == 0, result.output
    assert f"{tmp_path / 'new'}: siim, " in result.output


def test_no_bundle_at_all_is_one_line(tmp_path: Path):
    done = run("-m", "monai_seg", "check-bundle", "no.zip", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "error: no.zip: cannot be read (No such file or directory); name a plain file\n"


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "siim.zip")
    with pytest.raises(InputError, match="is no plain file"):
        check_bundle(tmp_path / "siim.zip")


def test_links_and_pipes_in_a_folder_are_refused(clean_zip: Path, tmp_path: Path):
    folder = tmp_path / "new"
    unpack(clean_zip, folder)
    (folder / "docs" / "more.md").symlink_to("/etc/hostname")
    (folder / "docs" / "all").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "docs" / "pipe")
    assert {(finding.file, finding.cause) for finding in check_bundle(folder).refusals} == {
        ("docs/more.md", "is a link"), ("docs/all", "is a link"), ("docs/pipe", "is a device, pipe or socket")}


def test_an_exported_program_passes_when_it_is_allowed(clean_files: Files, tmp_path: Path):
    scripted = tmp_path / "model.ts"
    torch.jit.save(torch.jit.trace(torch.nn.Conv2d(1, 1, 3), torch.zeros(1, 1, 8, 8)), scripted)
    path = pack({**clean_files, "models/model.ts": scripted.read_bytes()}, tmp_path / "siim.zip")
    assert [finding.file for finding in check_bundle(path).refusals] == ["models/model.ts"]
    allowed = check_bundle(path, allow_torchscript=True)
    assert allowed.refusals == []
    assert any(note.cause.startswith("contains code: torchscript") for note in allowed.notes)


def test_a_program_that_torch_exports_passes_when_it_is_allowed(clean_files: Files, tmp_path: Path):
    exported = torch.export.export(torch.nn.Conv2d(1, 1, 3), (torch.zeros(1, 1, 8, 8),))
    torch.export.save(exported, tmp_path / "model.pt2")
    path = pack({**clean_files, "models/model.pt2": (tmp_path / "model.pt2").read_bytes()}, tmp_path / "siim.zip")
    assert [finding.file for finding in check_bundle(path).refusals] == ["models/model.pt2"]
    assert check_bundle(path, allow_torchscript=True).refusals == []


def test_other_code_passes_when_it_is_allowed(clean_files: Files, tmp_path: Path):
    path = pack({**clean_files, "monai_seg/errors.py": b"x = 1\n"}, tmp_path / "siim.zip")
    assert [finding.file for finding in check_bundle(path).refusals] == ["monai_seg/errors.py"]
    assert check_bundle(path, allow_code=True).refusals == []


@pytest.mark.parametrize("network", [
    UNet(2, 1, 2, (4, 8), (2,), norm="batch"),
    BasicUNetPlusPlus(2, 1, 2, features=(4, 4, 4, 4, 4, 4)),
    DynUNet(2, 1, 1, [3, 3, 3], [1, 2, 2], [2, 2], deep_supervision=True, deep_supr_num=1),
], ids=["UNet", "UNet++", "DynUNet"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_weights_of_real_networks_pass(network: torch.nn.Module, dtype: torch.dtype):
    state = {name: weight.to(dtype) if weight.is_floating_point() else weight
             for name, weight in network.state_dict().items()}
    assert list(check_weights("m.pt", memoryview(weights({"model": state})))) == []
    assert list(check_weights("m.pt", memoryview(weights({"model": network.state_dict()})))) == []


def test_weights_that_share_or_turn_storage_pass():
    base = torch.arange(12.0).reshape(3, 4)
    state = {"a": base, "b": base.t(), "c": base[1:, 2], "d": torch.zeros(0, 4), "e": torch.tensor(1)}
    assert list(check_weights("m.pt", memoryview(weights({"model": state})))) == []


@pytest.mark.parametrize("seed", range(5))
def test_no_rubbish_makes_a_reader_fail_otherwise_than_by_a_finding(seed: int):
    import random

    draw = random.Random(seed)
    header = {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    for check, data in ((check_weights, weights({"model": {"w": torch.zeros(2)}})), (check_onnx, onnx_model()),
                        (check_safetensors, safetensors(header, bytes(8)))):
        for _ in range(200):
            broken = bytearray(data)
            for _ in range(draw.randint(1, 6)):
                broken[draw.randrange(len(broken))] = draw.randrange(256)
            list(check("file", memoryview(bytes(broken))))


def test_models_of_the_onnx_library_pass_and_external_data_is_refused(tmp_path: Path):
    onnx = pytest.importorskip("onnx")
    weight = onnx.numpy_helper.from_array(torch.rand(64, 64).numpy(), "w")
    image = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, [1, 64])
    pred = onnx.helper.make_tensor_value_info("pred", onnx.TensorProto.FLOAT, [1, 64])
    node = onnx.helper.make_node("MatMul", ["image", "w"], ["pred"])
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", [image], [pred], [weight]))
    assert list(check_onnx("m", memoryview(model.SerializeToString()))) == []
    onnx.save_model(model, tmp_path / "m.onnx", save_as_external_data=True, location="w.bin", size_threshold=0)
    (finding, *_) = check_onnx("m", memoryview((tmp_path / "m.onnx").read_bytes()))
    assert finding.cause == "keeps weights in another file"


def test_files_of_the_safetensors_library_pass():
    save = pytest.importorskip("safetensors.torch").save
    data = save({"b": torch.zeros(3, 2), "a": torch.zeros(5, dtype=torch.int64)}, {"format": "pt"})
    assert list(check_safetensors("m", memoryview(data))) == []


def test_macros_of_a_source_stay_within_the_repository(tmp_path: Path):
    bundle = tmp_path / "repo" / "bundles" / "x"
    bundle.mkdir(parents=True)
    (tmp_path / "secret.json").write_text('{"a": 1}')
    (tmp_path / "repo" / "part.json").write_text('{"a": {"b": [1, {"_target_": "os.system"}]}}')
    (tmp_path / "repo" / "link.json").symlink_to(tmp_path / "secret.json")
    told = {
        "%part.json::a::b::0": [], "%part.json::a::b::1": ["'os.system' is not listed"],
        "%part.json::z": ["names 'z', which is not there"], "%../secret.json": ["leaves the repository"],
        "%/etc/hosts.json": ["leaves the repository"], "%link.json": ["goes through a link"],
        "%no.json": ["cannot be read"], "%part.txt": ["leaves the repository or names no JSON"],
    }  # fmt: skip
    for macro, causes in told.items():
        (bundle / "train.json").write_text(json.dumps({"x": macro}))
        refusals = check_bundle(bundle).refusals
        assert len(refusals) == len(causes), (macro, refusals)
        assert all(cause in refusal.line() for cause, refusal in zip(causes, refusals, strict=True)), (macro, refusals)
