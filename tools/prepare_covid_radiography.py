"""List the cases of the COVID-19 Radiography Database for training: lung masks, classes and splits.

RAW is the folder with COVID/, Lung_Opacity/, Normal/ and Viral Pneumonia/, each with images/ and masks/, or the folder
that was unpacked around it. Only the list of cases is written. The class of an image is its folder: 0 COVID,
1 Lung_Opacity, 2 Normal, 3 Viral Pneumonia. Masks are smaller than images; the bundle resizes them.

    python tools/prepare_covid_radiography.py data/covid_radiography

The program can be stopped and started again at any time. The list, datalist.json, is written last.
"""

from __future__ import annotations

import prepare_options as options

prepare = options.listing("prepare_covid_radiography", __doc__)

if __name__ == "__main__":
    options.start(prepare)
