"""``python -m monai_seg``: see ``--help``."""

import logging
import warnings

from monai_seg.errors import report_input_errors_in_one_line


def main() -> None:
    """Run the command line."""
    report_input_errors_in_one_line()
    # where pydicom is installed, MONAI's LoadImage misses a GPU decoder of DICOM, which nothing here uses
    logging.getLogger("monai.data.nvimgcodec_pydicom_plugin").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader")
    from monai_seg.cli import app

    app()


if __name__ == "__main__":
    main()
