"""A run as evidence: a page that shows how good it is and where it fails, and a comparison of runs case by case."""
