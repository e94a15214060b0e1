"""Check a data set before training: what is wrong with its files, and which settings read it right."""

from monai_seg.check.check_data import Report, check_data, list_cases
from monai_seg.check.finding import Finding
from monai_seg.check.write_report import write_report

__all__ = ["Finding", "Report", "check_data", "list_cases", "write_report"]
