"""All metadata of the package. Only monai_seg is installed; bundles/ and transforms/ are data of the repository."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = next(line.split('"')[1] for line in (ROOT / "monai_seg" / "__init__.py").read_text().splitlines()
               if line.startswith("__version__"))

setup(
    name="monai_seg",
    version=VERSION,
    description="From a folder of 2D medical PNG images and masks to a MONAI bundle that other teams can trust and run",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["monai_seg", "monai_seg.*"]),
    package_data={"monai_seg": ["py.typed"]},
    install_requires=[
        "monai>=1.6.1",
        "torch>=2.10",
        "pytorch-ignite>=0.5.5",
        "numpy>=1.26",
        "pillow>=11",
        "nibabel>=5.2",
        "einops>=0.8",  # MONAI's SwinUNETR needs it and does not ask for it
        "scikit-image>=0.24",
        "scipy>=1.11",
        "tensorboard>=2.18",
        "matplotlib>=3.9",
        "psutil>=5.9",
        "tqdm>=4.66",
        "pyyaml>=6",
        "fire>=0.6",
        "typer>=0.15",
        "rich>=13",
    ],
    extras_require={
        "hub": ["transformers>=5", "safetensors>=0.4"],
        "export": ["onnx>=1.21", "onnxruntime>=1.20", "onnxscript>=0.3"],
        "openvino": ["openvino>=2025.0"],
        "dicom": ["pydicom>=3"],
        "tune": ["optuna>=4", "scikit-learn>=1.5"],  # the second for importances by fANOVA
        "mlflow": ["mlflow-skinny>=3.13", "sqlalchemy>=2", "alembic>=1.13"],
        "dev": ["pytest>=8", "pytest-xdist>=3.6", "hypothesis>=6.100", "scikit-learn>=1.5", "ruff>=0.9", "mypy>=1.14",
                "pydicom>=3", "transformers>=5", "safetensors>=0.4", "onnx>=1.21", "onnxruntime>=1.20",
                "onnxscript>=0.3", "openvino>=2025.0", "mlflow-skinny>=3.13", "sqlalchemy>=2", "alembic>=1.13",
                "optuna>=4"],
    },
    entry_points={"console_scripts": ["monai_seg=monai_seg.__main__:main"]},
)
