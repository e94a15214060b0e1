"""What ``python -m monai_seg pack`` does and tells."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monai_seg.bundle.packing.pack import pack


def run_pack(
    bundle: Path, run: Path, out: Path, onnx: bool, torchscript: bool, exported_program: bool, overwrite: bool
) -> None:
    """Pack, then print a row for each file and a line for each config that is not plain MONAI."""
    packed = pack(bundle, run, out, onnx=onnx, torchscript=torchscript, exported_program=exported_program,
                  overwrite=overwrite)
    code = [size for path, size in packed.files.items() if path.startswith("monai_seg/")]
    table = Table("file", "bytes")
    for path, size in packed.files.items():
        if not path.startswith("monai_seg/"):
            table.add_row(Text(path), f"{size:,}")
    table.add_row(f"monai_seg/ ({len(code)} files)", f"{sum(code):,}")
    console = Console()
    console.print(table)
    for config in ("inference", "evaluate"):
        reason = packed.reasons.get(config)
        told = f"needs the code in monai_seg/ ({reason})" if reason else "is plain MONAI, torch and Ignite"
        console.print(Text(f"configs/{config}.json {told}"), soft_wrap=True)
    console.print(Text(f"{packed.path}: {packed.name}, sha256 {packed.sha256}"), soft_wrap=True)
