# Bare `make` runs every check; `make serve` starts the service on http://127.0.0.1:8000.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TRAIN_STAMP := $(VENV)/.installed-train
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: all serve test lint format types browser clean train-base train-vocabulary train-encoder train-reader weights
all: format lint types test

serve: $(STAMP)
	$(BIN)/qa-service serve

test: $(STAMP)
	$(BIN)/pytest

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --quiet . || true

types: $(STAMP)
	$(BIN)/mypy

AXE := tests/browser/node_modules/axe-core/axe.min.js

browser: $(STAMP) $(AXE)
	QA_REQUIRE_BROWSER=1 $(BIN)/pytest -m browser

$(AXE): tests/browser/package-lock.json
	npm ci --no-audit --no-fund --prefix tests/browser
	touch $@

# torch comes first and pinned: left to choose, pip takes the newest build with its GPU
# libraries. Point PIP_EXTRA_INDEX_URL at PyTorch's CPU wheels to leave those out.
$(STAMP): pyproject.toml constraints.txt
	test -d $(VENV) || python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

$(TRAIN_STAMP): $(STAMP)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,train]'
	touch $@

# Training, see training/README.md. THIRD_PARTY: the folder of sets that are not in the project.
# A run that was broken off goes on when it is started again.
THIRD_PARTY ?=
THREADS ?= 1
TRAIN = OMP_NUM_THREADS=$(THREADS) $(BIN)/python -u -m
SETS = $(if $(THIRD_PARTY),--third-party $(THIRD_PARTY))

train-base: | $(TRAIN_STAMP)
	$(TRAIN) training.base $(SETS) --out build/base

train-vocabulary: | $(TRAIN_STAMP)
	$(TRAIN) training.vocabulary $(SETS) --out build/vocabulary

train-encoder: FROM ?= qa_service/weights/encoder
train-encoder: | $(TRAIN_STAMP)
	$(TRAIN) training.encoder $(SETS) --from $(FROM) --out build/encoder --compile --threads $(THREADS) $(ARGS)

train-reader: FROM ?= qa_service/weights/reader
train-reader: | $(TRAIN_STAMP)
	$(TRAIN) training.reader $(SETS) --from $(FROM) --out build/reader --compile --threads $(THREADS) $(ARGS)

# What was trained takes the place of what is shipped.
weights: $(STAMP)
	$(BIN)/python -m training.export build/encoder qa_service/weights/encoder
	$(BIN)/python -m training.export build/reader qa_service/weights/reader
	$(BIN)/python -m training.calibrate

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
