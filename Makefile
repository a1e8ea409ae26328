# make demo: see what it does; make test: the fast tests; make check: before a commit; .ci/run: all that a change must pass
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := build-constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install demo test test-all web-runtime lint types check gpu-report clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

install: $(VENV)/installed ## make the virtual environment .venv and install texnet with everything into it

$(VENV)/installed: pyproject.toml constraints.txt build-constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

demo: install ## train for a few minutes on pictures that are at hand, repaint some, say where they are
	$(BIN)/texnet demo

PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal

test: install ## run the fast tests, a few minutes on two cores
	$(PYTEST) -m "not slow"

test-all: install ## run all tests
	$(PYTEST)

web-runtime: install ## download onnxruntime-web by npm into the caches, for the tests of exported pages
	$(BIN)/python -c 'from texnet.export.runtime import find_runtime; find_runtime("", webgpu=True)'

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

check: lint types test ## ruff, mypy and the fast tests

DEVICE ?= cuda
MINUTES ?= 8
REPORT ?= gpu-report.json
PHOTOS ?=
TEXTURE ?=
VGG_WEIGHTS ?=

gpu-report: ## test and measure texnet on a CUDA card within 8 minutes, by the torch of $(PYTHON): no .venv, no network
	$(PYTHON) scripts/benchmark.py --only tests training compile stylizing distributed convergence \
	  --device $(DEVICE) --max_minutes $(MINUTES) --rounds 15 --sizes 512x512 1920x1080 3840x2160 --output "$(REPORT)" \
	  $(if $(PHOTOS),--data_dir "$(PHOTOS)") $(if $(TEXTURE),--texture "$(TEXTURE)") \
	  $(if $(VGG_WEIGHTS),--features vgg19 --vgg_weights "$(VGG_WEIGHTS)")

clean: ## remove the environment and what tools left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build
