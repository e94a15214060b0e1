# make demo   set up, make the synthetic twin of SIIM, train, evaluate, infer, and say where everything is
# make test   the test suite
# make test-slow  what takes longer than ten seconds each: every network compiled and exported, many kills
# make lint   style and types
# make faults bad input of every kind: is each told in one clear line? Trainings killed: is nothing lost?
# make metrics-check  every score against independent ones: numpy, scikit-learn, scikit-image, MONAI
# make bench  speed and memory against what else could be picked
# make compare-plans  planned bundles beside model-zoo style, ten minutes each, on the real sets
# make time-to-dice  seconds of training to a test Dice, planned bundles beside model-zoo style, on the real sets
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-slow lint faults metrics-check bench clean compare-plans time-to-dice

demo: $(READY)
	$(BIN)/python tools/demo.py

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-slow: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

faults: $(READY)
	$(BIN)/python tools/faults.py

metrics-check: $(READY)
	$(BIN)/python tools/metrics_check.py

bench: $(READY)
	$(BIN)/python tools/benchmark.py

compare-plans: $(READY)
	$(BIN)/python tools/compare_plans.py --minutes 10

time-to-dice: $(READY)
	$(BIN)/python tools/time_to_dice.py lungs_xray --target 0.92
	$(BIN)/python tools/time_to_dice.py nuclei

$(READY): setup.py constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "monai_seg needs Python 3.10 or newer, this is " + sys.version.split()[0] + "; name another with make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) build *.egg-info
