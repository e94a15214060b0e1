"""Plan a bundle for a data set: any folder of images and masks, this machine, the time at hand."""
