"""Search settings of a bundle by trials, each of them an ordinary training."""
