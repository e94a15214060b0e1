"""Synthetic twins of public data sets: the same layout and encodings, drawn anatomy, no patient and no download.

    make_twin("siim", Path("data/siim"), cases=330)

The names are those of `TWINS`; the module of a twin's name states its layout, its encodings and its source. Twins serve
to try, to teach and to test: a network must learn to solve them, but a score on a twin says nothing about patients.
"""

from monai_seg.sample.make import TWINS, Twin, make_twin

__all__ = ["TWINS", "Twin", "make_twin"]
