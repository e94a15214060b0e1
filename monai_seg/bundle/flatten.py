"""A config with its fragments written out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai_seg.bundle.walk import walk
from monai_seg.errors import InputError


def flatten(config_file: str | Path, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the config in ``config_file`` with every ``%`` replaced by what it names; nothing is built or evaluated.

    MONAI opens the file of a macro relative to the current directory, so call this from the repository root.

    Args:
        config_file: JSON or YAML.
        overrides: values by id, as on the command line: ``{"train::trainer::max_epochs": 5}``.

    Raises:
        InputError: a file is missing or not readable, a macro names an id that its file does not have, or a fragment
            holds a macro itself, which MONAI would leave as a string.
    """
    from monai.bundle import ConfigParser  # seconds: torch comes with it

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*parsing config_file", category=UserWarning)
            parser = ConfigParser(ConfigParser.load_config_files(str(config_file)))
            parser.update(dict(overrides or {}))
            parser.resolve_macro_and_relative_ids()
    except OSError as error:
        raise InputError(error.filename or config_file, f"cannot be read ({error.strerror})",
                         "name another config, or run from the repository root, where macros start") from error
    except KeyError as error:
        raise InputError(config_file, f"a macro names an id that is not there ({error.args[0]})",
                         "spell it as the fragment does") from error
    except ValueError as error:
        raise InputError(config_file, f"not a readable config ({error})", "mend the file") from error
    config = parser.get()
    config.pop(ConfigParser.meta_key, None)
    left = [where for where, value in walk(config) if isinstance(value, str) and value.startswith("%")]
    if left:
        raise InputError(config_file, f"{left[0]} is still a macro", "write the fragment that it is in without macros")
    return config
