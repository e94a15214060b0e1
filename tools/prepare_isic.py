"""List the cases of ISIC (skin lesions, segmentation task of 2016 to 2018) for training, with splits.

RAW is the folder that holds both the folder of images (ISIC-2017_Training_Data/ or ISIC2018_Task1-2_Training_Input/)
and the folder of masks (its name ends in GroundTruth). Only the list of cases is written. Where the folders of several
splits lie there, the published splits are kept. Files such as _superpixels.png are left alone.

    python tools/prepare_isic.py data/isic

The program can be stopped and started again at any time. The list, datalist.json, is written last.
"""

from __future__ import annotations

import prepare_options as options

prepare = options.listing("prepare_isic", __doc__)

if __name__ == "__main__":
    options.start(prepare)
