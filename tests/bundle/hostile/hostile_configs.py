"""Configs, metadata and logging.conf that would run something."""

from __future__ import annotations

from hostile_bundle import CANARY, PYTHON, SHELL, hostile, in_config
from packed_bundle import Files


@hostile("'run_cmd' is not listed")
def shell_by_a_short_name(files: Files) -> Files:
    return in_config(files, initialize=[{"_target_": "run_cmd", "cmd_list": ["sh", "-c", SHELL]}])


@hostile("'subprocess.run' is not listed")
def subprocess_as_component(files: Files) -> Files:
    return in_config(files, x={"_target_": "subprocess.run", "args": SHELL, "shell": True})


@hostile("'os.system' is not listed")
def system_call(files: Files) -> Files:
    return in_config(files, x={"_target_": "os.system", "command": SHELL})


@hostile("'builtins.eval' is not listed")
def builtin_eval(files: Files) -> Files:
    return in_config(files, x={"_target_": "builtins.eval", "source": PYTHON})


@hostile("'builtins.getattr' is not listed")
def builtin_getattr(files: Files) -> Files:
    return in_config(files, x={"_target_": "builtins.getattr", "name": "system"})


@hostile("'torch.load' is not listed")
def torch_load(files: Files) -> Files:
    return in_config(files, x={"_target_": "torch.load", "f": "models/other.pt", "weights_only": False})


@hostile("loads pickles")
def pickles_asked_for(files: Files) -> Files:
    return in_config(files, x={"_target_": "CheckpointLoader", "load_path": "a.pt", "weights_only": False})


@hostile("'torch.hub.load' is not listed")
def torch_hub(files: Files) -> Files:
    return in_config(files, x={"_target_": "torch.hub.load", "repo_or_dir": "a/b", "model": "c"})


@hostile("'monai.bundle.run' is not listed")
def another_bundle(files: Files) -> Files:
    return in_config(files, x={"_target_": "monai.bundle.run", "config_file": "docs/other.json"})


@hostile("'monai.bundle.ConfigParser' is not listed")
def another_parser(files: Files) -> Files:
    return in_config(files, x={"_target_": "monai.bundle.ConfigParser", "config": {"y": f"${PYTHON}"}})


@hostile("'functools.partial' is not listed")
def partial(files: Files) -> Files:
    return in_config(files, x={"_target_": "functools.partial", "func": "$print"})


@hostile("'monai.transforms.compose.Compose' is not listed")
def a_listed_class_by_another_road(files: Files) -> Files:
    return in_config(files, x={"_target_": "monai.transforms.compose.Compose"})


@hostile("is known only when it runs")
def component_of_an_expression(files: Files) -> Files:
    return in_config(files, x={"_target_": "$@network.forward"})


@hostile("is known only when it runs")
def component_of_a_reference(files: Files) -> Files:
    return in_config(files, name="os.system", x={"_target_": "@name", "command": SHELL})


@hostile("takes a part of a run that is not here")
def part_of_another_config(files: Files) -> Files:
    return in_config(files, x={"_target_": "monai_seg.run.from_run", "run_dir": "docs", "id": "evil"})


@hostile("gives reader the name 'os.system'")
def reader_by_name(files: Files) -> Files:
    return in_config(files, x={"_target_": "LoadImaged", "keys": "image", "reader": "os.system", "command": SHELL})


@hostile("gives reader the name 'os.system'")
def reader_by_name_behind_references(files: Files) -> Files:
    return in_config(files, a="os.system", b="@a",
                     x={"_target_": "LoadImaged", "keys": "image", "reader": ["@b"], "command": SHELL})


@hostile("gives writer the name 'subprocess.Popen'")
def writer_by_name(files: Files) -> Files:
    return in_config(files, x={"_target_": "SaveImaged", "keys": "pred", "writer": "subprocess.Popen"})


@hostile("gives compile_kwargs, which chooses the compiler")
def compiler_of_its_own(files: Files) -> Files:
    return in_config(files, x={"_target_": "SupervisedTrainer", "compile": True,
                               "compile_kwargs": {"options": {"cpp.cxx": ["./evil.sh"]}}})


@hostile("is 'debug'; it is one of default, callable")
def debugger(files: Files) -> Files:
    return in_config(files, x={"_target_": "Compose", "_mode_": "debug"})


@hostile("has the key '_debug_'")
def debugger_by_argument(files: Files) -> Files:
    return in_config(files, x={"_target_": "Compose", "_debug_": True})


@hostile("is a statement")
def import_statement(files: Files) -> Files:
    return in_config(files, imports=["$import os"])


@hostile("uses the private name __import__")
def import_in_an_expression(files: Files) -> Files:
    return in_config(files, x=f"${PYTHON}")


@hostile("uses the private name __")
def expression_that_disables(files: Files) -> Files:
    return in_config(files, x={"_target_": "Compose", "_disabled_": f"${PYTHON}"})


@hostile("uses the private name __")
def expression_that_is_required(files: Files) -> Files:
    return in_config(files, x={"_target_": "Compose", "_requires_": [f"${PYTHON}"]})


@hostile("is code in a description")
def expression_in_a_description(files: Files) -> Files:
    return in_config(files, x={"_desc_": f"${PYTHON}"})


@hostile("is more than text in a description")
def component_in_a_description(files: Files) -> Files:
    return in_config(files, x={"_desc_": {"_target_": "os.system", "command": SHELL}}, y="@x::_desc_")


@hostile("uses the private name __class__")
def attribute_walk(files: Files) -> Files:
    return in_config(files, x="$().__class__.__bases__[0].__subclasses__()")


@hostile("calls .format, which is not listed")
def format_string(files: Files) -> Files:
    return in_config(files, x="$'{0.__init__.__globals__}'.format(@network)")


@hostile("holds an f-string")
def f_string(files: Files) -> Files:
    return in_config(files, x="$f'{" + PYTHON.replace("'", '"') + "}'")


@hostile("holds a reference inside of quotes")
def reference_that_ends_a_text(files: Files) -> Files:
    return in_config(files, f=1, x="$'@f{" + PYTHON.replace("'", '"') + "}'")


@hostile("holds a comprehension")
def comprehension(files: Files) -> Files:
    return in_config(files, x="$[c for c in ().__class__.__base__.__subclasses__()]")


@hostile("holds a lambda")
def a_lambda(files: Files) -> Files:
    return in_config(files, x="$(lambda: 1)()")


@hostile("holds an assignment")
def walrus(files: Files) -> Files:
    return in_config(files, x="$(x := torch)")


@hostile("uses getattr; allowed are")
def getattr_in_an_expression(files: Files) -> Files:
    return in_config(files, x="$getattr(@network, 'forward')")


@hostile("calls torch.load, which is not listed")
def load_in_an_expression(files: Files) -> Files:
    return in_config(files, x="$torch.load('models/other.pt')")


@hostile("uses np itself")
def module_as_a_value(files: Files) -> Files:
    return in_config(files, x="$[np]")


@hostile("gives max the keyword key")
def function_as_a_key(files: Files) -> Files:
    return in_config(files, x="$max(@list, key=@network)")


@hostile("calls what is no plain name")
def call_of_a_reference(files: Files) -> Files:
    return in_config(files, x="$@network('x')")


@hostile("holds a power")
def huge_power(files: Files) -> Files:
    return in_config(files, x="$9 ** 9 ** 9 ** 9")


@hostile("raises 2 to the power of @bits, which is 99999999999")
def huge_power_by_reference(files: Files) -> Files:
    return in_config(files, bits=99999999999, x="$2 ** @bits")


@hostile("holds a number beyond")
def huge_number(files: Files) -> Files:
    return in_config(files, x="$list(range(99999999999))")


@hostile("is nested deeper than")
def deep_expression(files: Files) -> Files:
    return in_config(files, x="$" + "[" * 60 + "]" * 60)


@hostile("is no expression")
def expression_beyond_the_parser(files: Files) -> Files:
    return in_config(files, x="$" + "(" * 240 + ")" * 240)


@hostile("holds others than plain ones")
def letters_that_look_alike(files: Files) -> Files:
    return in_config(files, x="$\uff47etattr(@network, 'x')")


@hostile("is a macro, which takes in another file")
def macro_in_a_packed_bundle(files: Files) -> Files:
    return in_config(files, x="%docs/other.json::x")


@hostile("'/etc/passwd' is an absolute path")
def absolute_path(files: Files) -> Files:
    return in_config(files, dataset_dir="/etc/passwd")


@hostile("'~/.ssh' is an absolute path")
def home_folder(files: Files) -> Files:
    return in_config(files, dataset_dir="~/.ssh")


@hostile("'data/../../x' climbs out")
def path_upwards(files: Files) -> Files:
    return in_config(files, output_dir="data/../../x")


@hostile("is an absolute path")
def network_share(files: Files) -> Files:
    return in_config(files, dataset_dir="\\\\server\\share")


@hostile("is an absolute path")
def windows_drive(files: Files) -> Files:
    return in_config(files, dataset_dir="C:/data")


@hostile("is an address")
def address(files: Files) -> Files:
    return in_config(files, dataset_dir="https://example.org/collect")


@hostile("names an environment variable")
def environment(files: Files) -> Files:
    return in_config(files, dataset_dir="data/${HOME}")


@hostile("which is empty, so that it is an absolute path")
def path_behind_an_empty_text(files: Files) -> Files:
    return in_config(files, a="", b="@a", x="$str(@b) + '/etc'")


@hostile("which is empty, so that it is an absolute path")
def path_behind_a_chain_without_end(files: Files) -> Files:
    chain = {f"a{number}": f"@a{number + 1}" for number in range(3000)}
    return in_config(files, **chain, a3000="", x="$str(@a0) + '/etc'")


@hostile("computes with a text")
def path_from_pieces(files: Files) -> Files:
    return in_config(files, dot=".", x="$@dot * 2")


@hostile("holds a slice")
def path_backwards(files: Files) -> Files:
    return in_config(files, x="$'dwssap/cte/'[::-1]")


@hostile("holds a #")
def number_sign(files: Files) -> Files:
    return in_config(files, x="@train#trainer")


@hostile("names the key 'dataset_dir' twice")
def key_twice(files: Files) -> Files:
    text = files["configs/train.json"]
    return {**files, "configs/train.json": text.replace(b'"dataset_dir"', b'"dataset_dir": "a", "dataset_dir"', 1)}


@hostile("holds NaN")
def not_a_number(files: Files) -> Files:
    return {**files, "configs/extra.json": b'{"x": NaN}'}


@hostile("beyond all numbers")
def infinite_number(files: Files) -> Files:
    return {**files, "configs/extra.json": b'{"x": 1e999}'}


@hostile("is nested deeper than")
def deep_json(files: Files) -> Files:
    return {**files, "configs/extra.json": b"[" * 100_000 + b"]" * 100_000}


@hostile("is longer than")
def long_json(files: Files) -> Files:
    return {**files, "configs/extra.json": b'{"x": "' + b"a" * 2**20 + b'"}'}


@hostile("means something to MONAI or to Python")
def dunder_key(files: Files) -> Files:
    return in_config(files, x={"__class__": "os"})


@hostile("which MONAI takes for more than a name")
def key_that_is_an_id(files: Files) -> Files:
    return in_config(files, **{"train::trainer": f"${PYTHON}"})


@hostile("starts as code does")
def expression_in_the_metadata(files: Files) -> Files:
    return in_config(files, "configs/metadata.json", version=f"${PYTHON}")


@hostile("has the key '_target_', which means something to MONAI")
def component_in_the_metadata(files: Files) -> Files:
    return in_config(files, "configs/metadata.json", authors={"_target_": "os.system", "command": SHELL})


def _logging(files: Files, old: bytes, new: str) -> Files:
    assert old in files["configs/logging.conf"]
    return {**files, "configs/logging.conf": files["configs/logging.conf"].replace(old, new.encode())}


@hostile("args: is")
def logging_arguments(files: Files) -> Files:
    return _logging(files, b"args=(sys.stdout,)", f"args=({PYTHON},)")


@hostile("class: is 'os.system'")
def logging_class(files: Files) -> Files:
    return _logging(files, b"class=StreamHandler\nlevel=INFO\nformatter=line\nargs=(sys.stdout,)",
                    f"class=os.system\nargs=('{SHELL}',)")


@hostile("class: is 'FileHandler'")
def logging_to_a_file(files: Files) -> Files:
    return _logging(files, b"class=StreamHandler", "class=FileHandler")


@hostile("[formatter_line] class: is an option that is not allowed")
def logging_formatter_class(files: Files) -> Files:
    return _logging(files, b"[formatter_line]", f"[formatter_line]\nclass={CANARY}.Formatter")


@hostile("[DEFAULT]: is a section that is not allowed")
def logging_defaults(files: Files) -> Files:
    return _logging(files, b"[loggers]", f"[DEFAULT]\nargs=({PYTHON},)\n[loggers]")
