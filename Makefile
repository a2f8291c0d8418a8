# Bare `make` runs every check; `make serve` starts the service on http://127.0.0.1:8000.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: all serve test lint format types browser clean
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

browser: $(STAMP)
	QA_REQUIRE_BROWSER=1 $(BIN)/pytest -m browser

# torch comes first and pinned: left to choose, pip takes the newest build with its GPU
# libraries. Point PIP_EXTRA_INDEX_URL at PyTorch's CPU wheels to leave those out.
$(STAMP): pyproject.toml constraints.txt
	test -d $(VENV) || python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
