"""Models, texts, pictures and programs that a bundle must not bring."""

from __future__ import annotations

import io
import zipfile

from hostile_bundle import PYTHON, SHELL, hostile
from packed_bundle import Files, field, onnx_model, png, safetensors

F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def _onnx(files: Files, **parts: bytes) -> Files:
    return {**files, "models/model.onnx": onnx_model(**parts)}


@hostile("keeps weights in another file")
def onnx_with_external_data(files: Files) -> Files:
    return _onnx(files, tensor=field(14, 1) + field(13, field(1, b"location") + field(2, b"../../../etc/passwd")))


@hostile("keeps weights in another file")
def onnx_with_external_data_in_an_attribute(files: Files) -> Files:
    return _onnx(files, node=field(5, field(1, b"value") + field(5, field(13, field(1, b"location")))))


@hostile("keeps weights in another file")
def onnx_with_external_data_in_a_subgraph(files: Files) -> Files:
    return _onnx(files, node=field(5, field(1, b"body") + field(6, field(5, field(14, 1)))))


@hostile("uses operators of 'com.evil'")
def onnx_with_operators_of_its_own(files: Files) -> Files:
    return _onnx(files, node=field(7, b"com.evil"))


@hostile("uses operators of 'com.microsoft'")
def onnx_that_imports_other_operators(files: Files) -> Files:
    return _onnx(files, opset=field(1, b"com.microsoft"))


@hostile("holds functions of its own")
def onnx_with_functions(files: Files) -> Files:
    return _onnx(files, model=field(25, field(1, b"f")))


@hostile("holds a training part")
def onnx_with_training(files: Files) -> Files:
    return _onnx(files, model=field(20, b""))


@hostile("it has the unknown part 99")
def onnx_with_an_unknown_part(files: Files) -> Files:
    return _onnx(files, model=field(99, b"x"))


@hostile("is no sound ONNX model")
def onnx_cut_off(files: Files) -> Files:
    return {**files, "models/model.onnx": onnx_model()[:-3]}


@hostile("is nested deeper than")
def onnx_without_end(files: Files) -> Files:
    graph = b""
    for _ in range(60):
        graph = field(1, field(5, field(6, graph)))
    return {**files, "models/model.onnx": field(7, graph)}


@hostile("overlaps with another tensor")
def safetensors_that_overlap(files: Files) -> Files:
    tensors = {"a": F32, "b": {**F32, "data_offsets": [4, 12]}}
    return {**files, "models/model.safetensors": safetensors(tensors, bytes(12))}


@hostile("leaves a hole")
def safetensors_with_a_hole(files: Files) -> Files:
    return {**files, "models/model.safetensors": safetensors({"a": {**F32, "data_offsets": [8, 16]}}, bytes(16))}


@hostile("its header tells 8")
def safetensors_with_something_behind(files: Files) -> Files:
    return {**files, "models/model.safetensors": safetensors({"a": F32}, bytes(8) + b"PK\3\4")}


@hostile("header: is told to be")
def safetensors_with_a_huge_header(files: Files) -> Files:
    return {**files, "models/model.safetensors": (2**62).to_bytes(8, "little") + b"{}"}


@hostile("or that disagree")
def safetensors_with_a_false_shape(files: Files) -> Files:
    return {**files, "models/model.safetensors": safetensors({"a": {**F32, "shape": [2**39, 2**39]}}, bytes(8))}


@hostile("is code: in a bundle it may lie in monai_seg/ alone")
def python_beside_the_configs(files: Files) -> Files:
    return {**files, "configs/nibabel.py": PYTHON.encode()}


@hostile("is code: in a bundle it may lie in monai_seg/ alone")
def python_at_the_top(files: Files) -> Files:
    return {**files, "sitecustomize.py": PYTHON.encode()}


@hostile("is code that the installed package does not have")
def python_beside_the_package(files: Files) -> Files:
    return {**files, "monai_seg/evil.py": PYTHON.encode()}


@hostile("is not the code of monai_seg")
def package_with_another_line(files: Files) -> Files:
    return {**files, "monai_seg/errors.py": files["monai_seg/errors.py"] + PYTHON.encode()}


@hostile("is of version 99.0.0 and cannot be compared")
def package_of_another_version(files: Files) -> Files:
    return {**files, "monai_seg/__init__.py": f'__version__ = "99.0.0"\n{PYTHON}\n'.encode()}


@hostile("is of version unknown")
def package_without_version(files: Files) -> Files:
    return {**{path: data for path, data in files.items() if path != "monai_seg/__init__.py"},
            "monai_seg/data/__init__.py": PYTHON.encode()}


@hostile("is run when Python starts")
def path_file(files: Files) -> Files:
    return {**files, "monai_seg/evil.pth": f"import os; {PYTHON}".encode()}


@hostile("is compiled code")
def shared_object(files: Files) -> Files:
    return {**files, "monai_seg/_fast.so": b"\x7fELF"}


@hostile("is compiled code")
def byte_code(files: Files) -> Files:
    return {**files, "monai_seg/errors.pyc": b"\0" * 16}


@hostile("is code: in a bundle")
def notebook(files: Files) -> Files:
    return {**files, "docs/start.ipynb": b"{}"}


@hostile("is code: in a bundle")
def shell_script(files: Files) -> Files:
    return {**files, "docs/setup.sh": SHELL.encode()}


@hostile("may be a pickle")
def numpy_file(files: Files) -> Files:
    return {**files, "models/sample.npy": b"\x93NUMPY"}


@hostile("is a config in another language")
def yaml_config(files: Files) -> Files:
    return {**files, "configs/train.yaml": b"x: !!python/object/apply:os.system [touch canary]"}


@hostile("is an archive inside of the archive")
def nested_archive(files: Files) -> Files:
    return {**files, "docs/more.zip": _zip({"a": b"x"})}


@hostile("is another kind of file than its name says")
def archive_under_the_name_of_a_text(files: Files) -> Files:
    return {**files, "docs/more.txt": _zip({"a": b"x"})}


@hostile("has something behind its end")
def archive_behind_a_picture(files: Files) -> Files:
    return {**files, "docs/curves.png": png(4, 3, behind=_zip({"a": b"x"}))}


@hostile("is no PNG")
def program_under_the_name_of_a_picture(files: Files) -> Files:
    return {**files, "docs/curves.png": b"MZ" + bytes(100)}


@hostile("pixels; up to")
def picture_that_fills_the_memory(files: Files) -> Files:
    return {**files, "docs/curves.png": png(60_000, 60_000)}


@hostile("may hold scripts")
def html_page(files: Files) -> Files:
    return {**files, "docs/index.html": b"<script>alert(1)</script>"}


@hostile("holds '<script', which a browser may run")
def script_in_the_model_card(files: Files) -> Files:
    return {**files, "docs/README.md": b"# Card\n<script src=x></script>\n"}


@hostile("which a browser may run")
def address_of_a_script(files: Files) -> Files:
    return {**files, "docs/README.md": b"[scores](javascript:alert(1))\n"}


@hostile("which a browser may run")
def handler_of_a_picture(files: Files) -> Files:
    return {**files, "docs/README.md": b"<img src=x onerror=alert(1)>\n"}


@hostile("which a browser may run")
def address_of_a_script_in_disguise(files: Files) -> Files:
    return {**files, "docs/README.md": b"[scores](jav&#x61;script:alert(1))\n"}


@hostile("holds the hidden character U+202E")
def text_that_turns_direction(files: Files) -> Files:
    return {**files, "docs/README.md": "safe \u202egpj.exe\n".encode()}


@hostile("holds the hidden character U+001B")
def text_that_moves_the_cursor(files: Files) -> Files:
    return {**files, "LICENSE": b"\x1b[2J\x1b[Hok\n"}


@hostile("is no file that a bundle has there")
def hidden_file(files: Files) -> Files:
    return {**files, "docs/data": b"x"}


def _zip(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out.getvalue()
