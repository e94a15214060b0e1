"""From a public download, or any folder of images and masks, to a data set with splits."""

from monai_seg.prepare.covid_qu_ex import prepare_covid_qu_ex
from monai_seg.prepare.covid_radiography import prepare_covid_radiography
from monai_seg.prepare.finish import Dealing
from monai_seg.prepare.folder import prepare_folder
from monai_seg.prepare.groups import Groups
from monai_seg.prepare.isic import prepare_isic
from monai_seg.prepare.mask_folders import MaskFolders
from monai_seg.prepare.siim import prepare_siim
from monai_seg.prepare.tissue import prepare_tissue

__all__ = [
    "Dealing",
    "Groups",
    "MaskFolders",
    "prepare_covid_qu_ex",
    "prepare_covid_radiography",
    "prepare_folder",
    "prepare_isic",
    "prepare_siim",
    "prepare_tissue",
]
