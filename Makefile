# make demo   set up, make the synthetic twin of SIIM, train, evaluate, infer, and say where everything is
# make test   the whole test suite
# make lint   style and types
# make faults bad input of every kind: is each told in one clear line? Trainings killed: is nothing lost?
# make metrics-check  every score against independent ones: numpy, scikit-learn, scikit-image, MONAI
# make bench  speed and memory against what else could be picked
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint faults metrics-check bench clean

demo: $(READY)
	$(BIN)/python tools/demo.py

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

faults: $(READY)
	$(BIN)/python tools/faults.py

metrics-check: $(READY)
	$(BIN)/python tools/metrics_check.py

bench: $(READY)
	$(BIN)/python tools/benchmark.py

$(READY): setup.py constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "monai_seg needs Python 3.10 or newer, this is " + sys.version.split()[0] + "; name another with make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) build *.egg-info
