"""What `tools/benchmark.py` measures: contenders, each in a process of its own, and rows that compare them."""
