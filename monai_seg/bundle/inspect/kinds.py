"""Which files a bundle may hold, told by their place and suffix; what is not listed is refused."""

from __future__ import annotations

import re

NAME = r"[\w.+-]+"
PACKED = (
    ("manifest", r"MANIFEST\.json"),
    ("metadata", r"configs/metadata\.json"),
    ("config", rf"configs/{NAME}\.json"),
    ("logging", r"configs/logging\.conf"),
    ("weights", rf"models/{NAME}\.pt"),
    ("onnx", rf"models/{NAME}\.onnx"),
    ("torchscript", rf"models/{NAME}\.ts"),
    ("exported program", rf"models/{NAME}\.pt2"),
    ("safetensors", rf"models/{NAME}\.safetensors"),
    ("text", rf"LICENSE|README\.md|CHANGELOG(\.md)?|CHANGELOG/{NAME}\.md|docs/({NAME}/)*{NAME}\.(md|txt)"),
    ("picture", rf"(docs|samples)/({NAME}/)*{NAME}\.png"),
    ("data", rf"(docs|samples)/({NAME}/)*{NAME}\.json"),
    ("code", rf"monai_seg/({NAME}/)*{NAME}\.py|monai_seg/py\.typed"),
)
SOURCE = (
    ("metadata", r"metadata\.json"),
    ("config", rf"{NAME}\.json"),
    ("logging", r"logging\.conf"),
    ("text", rf"LICENSE|({NAME}/)*{NAME}\.(md|txt)"),
    ("picture", rf"({NAME}/)*{NAME}\.png"),
)
REASONS = {
    "is code: in a bundle it may lie in monai_seg/ alone":
        ("py", "pyw", "pyx", "ipynb", "sh", "bash", "bat", "cmd", "ps1", "exe", "com", "js", "vbs", "jar"),
    "is compiled code": ("pyc", "pyo", "pyd", "so", "dll", "dylib", "a", "o", "cubin", "ptx", "egg"),
    "is run when Python starts": ("pth",),
    "may be a pickle, which is code": ("pkl", "pickle", "npy", "npz", "bin", "ckpt", "h5", "joblib", "dill", "pth.tar"),
    "is an archive inside of the archive": ("zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "whl", "zst"),
    "may hold scripts": ("html", "htm", "svg", "xml", "pdf", "xhtml"),
    "is a config in another language than JSON": ("yaml", "yml", "toml", "ini", "cfg"),
}


def kind_of(path: str, is_packed: bool) -> str | None:
    """Return the kind of a file, None where a bundle has no such file."""
    return next((kind for kind, pattern in (PACKED if is_packed else SOURCE) if re.fullmatch(pattern, path, re.ASCII)),
                None)


def why_refused(path: str) -> str:
    """Return why a bundle has no file at ``path``."""
    suffix = path.rsplit("/", 1)[-1].lower().partition(".")[2]
    endings = {suffix, suffix.rsplit(".", 1)[-1]}
    return next((reason for reason, suffixes in REASONS.items() if endings & set(suffixes)),
                "is no file that a bundle has there")
