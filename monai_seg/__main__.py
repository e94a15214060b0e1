"""``python -m monai_seg``: see ``--help``."""

from monai_seg.errors import report_input_errors_in_one_line


def main() -> None:
    """Run the command line."""
    report_input_errors_in_one_line()
    from monai_seg.cli import app

    app()


if __name__ == "__main__":
    main()
