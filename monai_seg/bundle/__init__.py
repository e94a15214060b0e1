"""Bundles as files: resolved, packed, checked without being run, unpacked. Nothing here imports torch when imported."""

from monai_seg.bundle.archive import write_archive
from monai_seg.bundle.dialect import config_problems
from monai_seg.bundle.flatten import flatten
from monai_seg.bundle.inspect import check_bundle
from monai_seg.bundle.manifest import build_manifest, manifest_bytes
from monai_seg.bundle.metadata import metadata_problems
from monai_seg.bundle.unpack import unpack

__all__ = ["build_manifest", "check_bundle", "config_problems", "flatten", "manifest_bytes", "metadata_problems",
           "unpack", "write_archive"]
