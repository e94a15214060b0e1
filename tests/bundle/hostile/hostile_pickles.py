"""Weights that are more than weights."""

from __future__ import annotations

import collections
import io
import pickle
import struct
import tarfile
import zipfile
from typing import Any

import torch
from hostile_bundle import PYTHON, SHELL, hostile
from packed_bundle import Files, weights

TENSOR = torch.zeros(2, 3)


class Calls:
    """Pickles as a call of ``function``."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, self.arguments


def _model(files: Files, data: bytes) -> Files:
    return {**files, "models/model.pt": data}


def _rewritten(data: bytes, change: Any) -> bytes:
    """A file of torch with its records changed, ended as torch does."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        records = {name: file.read(name) for name in file.namelist()}
    change(records)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in records.items():
            file.writestr(name, content)
    plain = out.getvalue()
    count, size, offset = struct.unpack("<H2I", plain[-12:-2])
    large = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 0x031E, 45, 0, 0, count, count, size, offset)
    return plain[:-22] + large + struct.pack("<4sIQI", b"PK\6\7", 0, len(plain) - 22, 1) + plain[-22:]


def _pickled(files: Files, pickled: bytes) -> Files:
    def change(records: dict[str, bytes]) -> None:
        records[next(name for name in records if name.endswith("data.pkl"))] = pickled
    return _model(files, _rewritten(weights({"model": {"w": TENSOR}}), change))


@hostile("imports posix.system")
def system_in_the_pickle(files: Files) -> Files:
    import os
    return _model(files, weights({"model": {"w": Calls(os.system, SHELL)}}))


@hostile("imports builtins.eval")
def eval_in_the_pickle(files: Files) -> Files:
    return _pickled(files, pickle.dumps({"model": Calls(eval, PYTHON)}, protocol=4))  # a STACK_GLOBAL


@hostile("imports __builtin__.exec")
def exec_in_an_old_pickle(files: Files) -> Files:
    return _pickled(files, pickle.dumps({"model": Calls(exec, PYTHON)}, protocol=2))


@hostile("imports builtins.getattr")
def getattr_in_the_pickle(files: Files) -> Files:
    return _pickled(files, pickle.dumps({"model": Calls(getattr, "", "format")}, protocol=4))


@hostile("uses the opcode STRING")
def old_opcode(files: Files) -> Files:
    return _pickled(files, b"(S'" + SHELL.encode() + b"'\nios\nsystem\n.")


@hostile("uses the opcode OBJ")
def opcode_of_old_objects(files: Files) -> Files:
    return _pickled(files, b"\x80\x02(ccollections\nOrderedDict\no.")


@hostile("uses the opcode NEWOBJ")
def new_object(files: Files) -> Files:
    return _pickled(files, b"\x80\x02ccollections\nOrderedDict\n)\x81.")


@hostile("uses the opcode EXT1")
def extension_registry(files: Files) -> Files:
    return _pickled(files, b"\x80\x02\x82\x01.")


@hostile("uses the opcode PERSID")
def persistent_id_as_text(files: Files) -> Files:
    return _pickled(files, b"Pid\n.")


@hostile("sets attributes other than the _metadata")
def attributes_set(files: Files) -> Files:
    state = collections.OrderedDict()
    state.__dict__["__class__"] = "x"
    return _pickled(files, pickle.dumps({"model": state}, protocol=2))


@hostile("calls something else than OrderedDict")
def call_of_a_text(files: Files) -> Files:
    return _pickled(files, b"\x80\x02X\x02\x00\x00\x00os)R.")


@hostile("goes on behind its end")
def pickle_behind_the_pickle(files: Files) -> Files:
    return _pickled(files, b"\x80\x02}." + pickle.dumps(Calls(eval, PYTHON)))


@hostile("is no sound pickle")
def pickle_that_takes_too_much(files: Files) -> Files:
    return _pickled(files, b"\x80\x02RRR.")


@hostile("is no tensor")
def network_instead_of_weights(files: Files) -> Files:
    return _model(files, weights({"model": {"w": [TENSOR]}}))


@hostile("is not one dict with the key 'model' alone")
def other_things_beside_the_weights(files: Files) -> Files:
    return _model(files, weights({"model": {"w": TENSOR}, "optimizer": {}}))


@hostile("reaches out of its storage")
def tensor_beyond_its_storage(files: Files) -> Files:
    data = weights({"model": {"w": TENSOR}})
    def change(records: dict[str, bytes]) -> None:
        name = next(name for name in records if name.endswith("data.pkl"))
        assert b"K\x02K\x03\x86" in records[name]  # size (2, 3)
        records[name] = records[name].replace(b"K\x02K\x03\x86", b"K\x63K\x03\x86")
    return _model(files, _rewritten(data, change))


@hostile("has 8 bytes where the weights take 24")
def storage_cut_off(files: Files) -> Files:
    def change(records: dict[str, bytes]) -> None:
        records[next(name for name in records if name.endswith("data/0"))] = bytes(8)
    return _model(files, _rewritten(weights({"model": {"w": TENSOR}}), change))


def _with_record(data: bytes, name: str, content: bytes) -> bytes:
    def change(records: dict[str, bytes]) -> None:
        records[f"{next(iter(records)).split('/')[0]}/{name}"] = content
    return _rewritten(data, change)


@hostile("has 4 bytes where the weights take none")
def storage_nobody_asked_for(files: Files) -> Files:
    return _model(files, _with_record(weights({"model": {"w": TENSOR}}), "data/77", b"evil"))


@hostile("is no record of weights")
def pickle_under_another_name(files: Files) -> Files:
    evil = pickle.dumps(Calls(eval, PYTHON))
    return _model(files, _with_record(weights({"model": {"w": TENSOR}}), "extra.pkl", evil))


@hostile("is a bare pickle")
def raw_pickle(files: Files) -> Files:
    return _model(files, pickle.dumps(Calls(eval, PYTHON)))


@hostile("is a bare pickle")
def old_format_of_torch(files: Files) -> Files:
    return _model(files, weights({"model": {"w": TENSOR}}, _use_new_zipfile_serialization=False))


@hostile("is a tar of pickles")
def tar_of_pickles(files: Files) -> Files:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        data = pickle.dumps(Calls(eval, PYTHON))
        member = tarfile.TarInfo("pickle")
        member.size = len(data)
        file.addfile(member, io.BytesIO(data))
    return _model(files, out.getvalue())


def _scripted() -> bytes:
    out = io.BytesIO()
    torch.jit.save(torch.jit.trace(torch.nn.Conv2d(1, 1, 3), torch.zeros(1, 1, 8, 8)), out)
    return out.getvalue()


@hostile("is an exported program under the name of weights")
def torchscript_under_the_name_of_weights(files: Files) -> Files:
    return _model(files, _scripted())


@hostile("contains code: torchscript is a program")
def torchscript(files: Files) -> Files:
    return {**files, "models/model.ts": _scripted()}


@hostile("contains code: exported program is a program")
def exported_program(files: Files) -> Files:
    return {**files, "models/model.pt2": _rewritten(_scripted(), lambda records: None)}


@hostile("libevil.so: is machine code")
def machine_code_in_an_exported_program(files: Files) -> Files:
    return {**files, "models/model.ts": _with_record(_scripted(), "data/aotinductor/libevil.so", b"\x7fELF")}
