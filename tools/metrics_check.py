"""Compare every score with an independent one: numpy from the definitions, scikit-learn, scikit-image, MONAI.

    make metrics-check

Prints a line per score with the number of values compared and the largest difference, and exits with 1 where one is
above 1e-6. MONAI's own HD95 is shown and not judged, for it is rounded in float32; it is judged against
ours rounded likewise. The references stand in tests/metrics; the test suite runs a small form of the same.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "metrics"))

from agreement import CLASSES, Found, compare_all  # noqa: E402
from random_masks import five_empty_cases  # noqa: E402

MASKS, LIMIT = 1000, 1e-6


def main() -> int:
    """Compare, print the table, return the exit code."""
    start = time.perf_counter()
    print(f"{MASKS} random pairs of masks, {CLASSES[0]} to {CLASSES[-1]} classes, 8 to 64 px a side, and for each "
          f"number of classes the cases {', '.join(five_empty_cases(2))}")
    found = compare_all(MASKS)
    width = max(len(row.name) for row in found)
    print(f"{'score':{width}}  {'values':>7}  largest difference")
    for row in found:
        print(f"{row.name:{width}}  {row.count:7d}  {row.difference:.1e}{_verdict(row)}")
    judged = [row for row in found if row.judged]
    wrong = sum(not row.difference <= LIMIT for row in judged)
    print(f"{len(judged)} comparisons, {wrong} above {LIMIT}, {time.perf_counter() - start:.0f} s")
    return int(wrong > 0)


def _verdict(row: Found) -> str:
    if not row.judged:
        return "   not judged: MONAI rounds the rank of the percentile in float32"
    return "" if row.difference <= LIMIT else f"   ABOVE {LIMIT}"


if __name__ == "__main__":
    sys.exit(main())
