# `make` alone lists the targets. All that is needed is Python 3.11 or newer, pip and make.

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The first of these that is new enough; or say it: make demo PYTHON=/usr/local/bin/python3.13
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format lint types imports slow audit bench screenshots lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime ## install and start everything on synthetic data
	@$(BIN)/aurevoir demo $(ARGS)

test: $(VENV)/.test ## install and run the tests (SQLite, PostgreSQL, a browser where there is one)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

check: format lint types imports test ## everything that must be green before a change lands

format: $(VENV)/.test
	@$(BIN)/ruff format --check .

lint: $(VENV)/.test
	@$(BIN)/ruff check .

types: $(VENV)/.test
	@$(BIN)/mypy

imports: $(VENV)/.test
	@$(BIN)/lint-imports

slow: $(VENV)/.test ## the crash loops and browser matrices alone
	@$(BIN)/python -m pytest -m slow --numprocesses 2 --dist loadfile $(ARGS)

audit: $(VENV)/.test ## every full matrix, with its table of figures
	@AUREVOIR_AUDIT=1 $(BIN)/python -m pytest -m "slow or not slow" $(ARGS)

bench: $(VENV)/.test ## how fast it is on this machine
	@$(BIN)/python -m tests.bench $(ARGS)

screenshots: $(VENV)/.test ## the pictures in README.md and docs/
	@$(BIN)/python -m tests.screenshots $(ARGS)

lock: $(VENV)/.runtime ## renew requirements/*.txt from pyproject.toml
	@$(PIP) install uv
	@set -e; compile="$(BIN)/uv pip compile pyproject.toml requirements/build.in --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --upgrade"; \
	$$compile -o requirements/runtime.txt; \
	$$compile --extra test -c requirements/runtime.txt -o requirements/test.txt

clean: ## forget the installation, caches and demo data
	rm -rf $(VENV) .demo build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Aurevoir needs Python 3.11 or newer, and found none."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing Aurevoir into $(VENV): about a minute, once …"
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.runtime
	@echo "Installing the test tools …"
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@
