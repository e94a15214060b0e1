"""The command line: each command imports what it needs when it runs, so that ``--help`` is there at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="From a folder of 2D medical PNG images and masks to a MONAI bundle that other teams can trust and run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _commands() -> None:
    """Keep the name of a command needed even while there is one alone."""


@app.command()
def sample(
    name: Annotated[str, typer.Argument(help="Bundle whose data set to imitate, such as siim.")],
    folder: Annotated[Path, typer.Argument(help="Where to write it.")],
    cases: Annotated[int | None, typer.Option(help="Number of images; the twin's own default if not given.")] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal bytes.")] = 0,
    size: Annotated[int | None, typer.Option(help="Side of the images in pixels.")] = None,
) -> None:
    """Make the synthetic twin of a data set: its layout and encodings, without its patients."""
    from rich.progress import Progress

    from monai_seg.sample import TWINS, make_twin

    count = cases if cases is not None else (TWINS[name].cases if name in TWINS else 1)
    with Progress(transient=True) as bar:
        task = bar.add_task(f"{name} twin", total=count)
        make_twin(name, folder, cases=count, seed=seed, size=size,
                  progress=lambda done, total: bar.update(task, completed=done, total=total))
    typer.echo(f"{folder}: twin of {name} with {count} cases")


@app.command("check-data")
def check_data(
    folder: Annotated[Path, typer.Argument(help="Folder of the data set: datalist.json, or images/ beside masks/.")],
    encoding: Annotated[str | None, typer.Option(help="Mask encoding as JSON; proposed if not given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the report goes; ./check-<name> if not given.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that read; one per core if not given.")] = None,
) -> None:
    """Read every file of a data set: what is wrong, and which settings fit. Exit code 1 if something is an error."""
    from monai_seg.check.command import run_check

    raise typer.Exit(run_check(folder, encoding, out, workers))


@app.command("check-bundle")
def check_bundle(
    bundle: Annotated[Path, typer.Argument(help="Zip or folder of a bundle, packed or source.")],
    json_out: Annotated[Path | None, typer.Option("--json", help="Where the report goes as JSON.")] = None,
    allow_torchscript: Annotated[bool, typer.Option("--allow-torchscript", help="Take .ts and .pt2: code.")] = False,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="Take monai_seg/ other than the installed.")] = False,
) -> None:
    """Look through a bundle without running anything of it. Exit code 1 if something is refused."""
    from monai_seg.bundle.inspect.command import run_check

    raise typer.Exit(run_check(bundle, json_out, allow_torchscript, allow_code))


@app.command()
def unpack(
    bundle: Annotated[Path, typer.Argument(help="Zip of a packed bundle.")],
    folder: Annotated[Path, typer.Argument(help="New folder that becomes the bundle's.")],
    allow_torchscript: Annotated[bool, typer.Option("--allow-torchscript", help="As in check-bundle.")] = False,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="As in check-bundle.")] = False,
) -> None:
    """Unpack a bundle that check-bundle does not refuse, all or nothing."""
    from monai_seg.bundle.unpack import unpack as unpack_bundle

    report = unpack_bundle(bundle, folder, allow_torchscript=allow_torchscript, allow_code=allow_code)
    typer.echo(f"{folder}: {report.name}, {len(report.files)} files, sha256 {report.sha256}")


@app.command()
def pack(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle, such as bundles/siim.")],
    run: Annotated[Path, typer.Option(help="Folder of the run whose weights and settings are packed.")],
    out: Annotated[Path, typer.Option(help="The zip to write.")],
    onnx: Annotated[bool, typer.Option(help="With models/model.onnx.")] = True,
    torchscript: Annotated[bool, typer.Option("--torchscript", help="With models/model.ts, which is code.")] = False,
    pt2: Annotated[bool, typer.Option("--pt2", help="With models/model.pt2, which is code.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the zip.")] = False,
) -> None:
    """Make a zip of a bundle that another team can check and run."""
    from monai_seg.bundle.packing.command import run_pack

    run_pack(bundle, run, out, onnx, torchscript, pt2, overwrite)


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(help="Zip or folder of a packed bundle that you trust: it is run.")],
    json_out: Annotated[Path | None, typer.Option("--json", help="Where the report goes as JSON.")] = None,
    allow_torchscript: Annotated[bool, typer.Option("--allow-torchscript", help="As in check-bundle.")] = False,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="As in check-bundle.")] = False,
) -> None:
    """Run a packed bundle through everything it promises, offline. Exit code 1 if something does not hold."""
    from monai_seg.bundle.verification.command import run_verify

    raise typer.Exit(run_verify(bundle, json_out, allow_torchscript, allow_code))


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="Zip or folder of a packed bundle, or its model.onnx.")],
    pictures: Annotated[Path, typer.Argument(help="A picture or a folder of them.")],
    out: Annotated[Path, typer.Argument(help="Folder for the masks.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace masks that are there.")] = False,
    runtime: Annotated[str, typer.Option(help="onnxruntime; or openvino, quicker on processors.")] = "onnxruntime",
) -> None:
    """Write masks by ONNX Runtime or OpenVINO alone, without torch and MONAI."""
    from monai_seg.bundle.prediction.command import run_predict

    run_predict(model, pictures, out, overwrite, runtime)


@app.command()
def push(
    bundle: Annotated[Path, typer.Argument(help="Zip of a packed bundle.")],
    hub: Annotated[Path, typer.Argument(help="Folder that serves as hub.")],
) -> None:
    """Put a bundle that check-bundle does not refuse into a hub."""
    from monai_seg.bundle.hub import push as push_bundle

    pushed = push_bundle(bundle, hub)
    typer.echo(f"{hub}: {pushed.name}@{pushed.version}, sha256 {pushed.sha256}")


@app.command()
def pull(
    bundle: Annotated[str, typer.Argument(help="Name, or name@version; the newest version if not given.")],
    hub: Annotated[str, typer.Argument(help="Folder, or http(s) address of one.")],
    out: Annotated[Path, typer.Option(help="Folder for the zip.")] = Path("."),
) -> None:
    """Fetch a bundle's zip from a hub, go on where a fetch broke off, and compare its hash."""
    from monai_seg.bundle.hub import pull as pull_bundle

    typer.echo(f"{pull_bundle(bundle, hub, out)}: fetched, its hash is the hub's; check-bundle looks into it")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def preview(
    context: typer.Context,
    config_file: Annotated[Path, typer.Argument(help="A bundle's train.json.")],
    out: Annotated[Path, typer.Option(help="The picture to write.")] = Path("preview.png"),
    cases: Annotated[int, typer.Option(help="Rows: training cases.")] = 4,
    draws: Annotated[int, typer.Option(help="Samples of each, behind the case as it is read.")] = 5,
) -> None:
    """Draw augmented samples with the outline of their masks; more options override ids, as in a training."""
    from monai_seg.run.overrides import parse_overrides
    from monai_seg.run.preview import preview as draw_preview

    draw_preview(config_file, out, parse_overrides(context.args), cases, draws)
    typer.echo(f"{out}: {cases} cases, each as it is read and {draws} times augmented")


@app.command()
def report(
    run: Annotated[Path, typer.Argument(help="Folder of a run, such as runs/siim.")],
    out: Annotated[Path | None, typer.Option(help="The page; report.html in the run folder if not given.")] = None,
    dataset_dir: Annotated[Path | None, typer.Option(help="Where the data set lies now, if it moved.")] = None,
    cases: Annotated[int, typer.Option(help="Pictures of each kind: failures, worst, median, best.")] = 8,
    pictures: Annotated[bool, typer.Option(help="Run the network of the run for pictures of cases.")] = True,
) -> None:
    """Write one HTML page that shows how good a run is and where it fails; it needs no network to be read."""
    from monai_seg.report.command import run_report

    raise typer.Exit(run_report(run, out, dataset_dir, cases, pictures))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def crossval(
    context: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle, such as bundles/siim.")],
    folds: Annotated[int, typer.Option(help="How many.")] = 5,
    only: Annotated[int | None, typer.Option("--only", help="This fold alone, from 0: one job of many.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the folds; runs/<bundle>.folds if not given.")] = None,
) -> None:
    """Train and evaluate a bundle on each fold; more options override ids, as in a training. Finished folds stay."""
    import logging

    from monai_seg.run.crossval import cross_validate

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    summary = cross_validate(bundle, out or Path("runs") / f"{bundle.name}.folds", folds, only, context.args)
    if summary is not None:
        typer.echo(f"{summary}: mean, standard deviation and each fold; cases beside it")


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(help="Folders of two or more runs; the first is compared with.")],
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("comparison.html"),
    split: Annotated[str | None, typer.Option(help="Split that all were evaluated on; test if not given.")] = None,
    score: Annotated[str, typer.Option(help="Column of cases.csv.")] = "dice",
    fail_if_worse: Annotated[float | None, typer.Option(help="Exit code 1 where the mean is worse by more.")] = None,
    dataset_dir: Annotated[Path | None, typer.Option(help="Where the data set lies now, if it moved.")] = None,
    cases: Annotated[int, typer.Option(help="Cases shown that got worse, and that got better.")] = 6,
    pictures: Annotated[bool, typer.Option(help="Run the networks of the runs for pictures of cases.")] = True,
) -> None:
    """Compare runs on the cases they have in common: difference, interval, Wilcoxon, and the cases that changed."""
    from monai_seg.report.compare_command import run_compare

    raise typer.Exit(run_compare(runs, out, split, score, fail_if_worse, dataset_dir, cases, pictures))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the bundle to write, in bundles/.")],
    images: Annotated[Path, typer.Option(help="Folder of the images.")],
    masks: Annotated[Path, typer.Option(help="Folder of the masks; may be the same.")],
    minutes: Annotated[float, typer.Option(help="Of training, all used; the rate is annealed to their end.")] = 10.0,
    device: Annotated[str, typer.Option(help="To plan for: auto, cpu, cuda.")] = "auto",
    encoding: Annotated[str | None, typer.Option(help="Mask encoding as JSON; proposed if not given.")] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask what can be read in two ways.")] = False,
) -> None:
    """Plan a bundle for any folder of images and masks, for this machine and the time at hand."""
    from monai_seg.plan.command import run_new

    raise typer.Exit(run_new(name, images, masks, minutes, device, encoding, ask))


@app.command()
def explain(
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle, such as bundles/siim.")],
    out: Annotated[Path | None, typer.Option(help="Folder for a picture; explain-<name> if not given.")] = None,
    dataset_dir: Annotated[Path | None, typer.Option(help="Where the data set lies, if it moved.")] = None,
    device: Annotated[str, typer.Option(help="To measure on: auto, cpu, cuda.")] = "auto",
) -> None:
    """Tell a bundle's plan with its reasons, what its network costs here, and whether it can learn four images."""
    from monai_seg.plan.explain import run_explain

    raise typer.Exit(run_explain(bundle, out, dataset_dir, device))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def tune(
    context: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle, such as bundles/siim.")],
    trials: Annotated[int, typer.Option(help="How many in all, whoever makes them.")] = 20,
    minutes: Annotated[float, typer.Option(help="That this process takes at most.")] = 60.0,
    space: Annotated[Path | None, typer.Option(help="Search space; of bundles/tune if not given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the trials; runs/<bundle>.tune if not given.")] = None,
    score: Annotated[str, typer.Option(help="Validation score to search by.")] = "val_dice",
) -> None:
    """Search settings of a bundle by trials of equal time; more options override ids. Goes on where it was stopped."""
    from monai_seg.tune.command import run_tune

    raise typer.Exit(run_tune(bundle, trials, minutes, space, out, score, context.args))
