"""List the cases of a set of tissue tiles for training, split by slide.

RAW is the folder that holds images/ and masks/ of equal names. Only the list of cases is written. The slide is read
from names such as slide_003_tile_07.png, unless --groups or --group-regex tells it.

    python tools/prepare_tissue.py data/tissue

The program can be stopped and started again at any time. The list, datalist.json, is written last.
"""

from __future__ import annotations

import prepare_options as options

prepare = options.listing("prepare_tissue", __doc__)

if __name__ == "__main__":
    options.start(prepare)
