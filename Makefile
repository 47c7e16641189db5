# `make help` lists what there is. Needed on the machine: Python 3.11 to 3.13 (venv, pip), make, git.

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= auto
SECONDS ?= 600

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
CHECKED := src tests tools benchmarks conftest.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-runtime demo test test-python fast check format-check lint types contracts docs format \
        slow fuzz bench test-services lock clean

help: ## say what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

# --- set-up: pinned, hashed, stamped ---------------------------------------------------------------
# The package is installed editable, built without isolation by the pinned hatchling.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo 'Scalegate needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.13 ...' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.runtime $@

$(VENV)/.bench: requirements/bench.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/bench.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.runtime $(VENV)/.dev $@

# A machine for which there is no such server goes on without: its tests then say that they skip.
# Ray, for its local cluster, and moto, which stands in for AWS, are among them.
$(VENV)/.services: requirements/services.txt | $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements/services.txt || \
	  echo 'no S3 server, Ray or moto could be installed; their tests will skip' >&2
	@touch $@

setup: $(VENV)/.dev ## install everything that tests and checks need
setup-runtime: $(VENV)/.runtime ## install only what `scalegate` needs to run

# --- what users and contributors run ---------------------------------------------------------------

demo: $(VENV)/.runtime ## decide three labs' policies on real evidence, in under a minute
	@$(BIN)/scalegate demo

test: $(VENV)/.dev ## all tests but the slow ones and those that need services, with coverage
	$(PYTEST) -n $(WORKERS) --dist worksteal --cov --cov-report= --durations=10
	$(BIN)/python tools/check_coverage.py

test-python: ## the same on PYTHON, in an environment of its own: make test-python PYTHON=python3.13
	@version=$$($(PYTHON) -c 'import sys; print("{}.{}".format(*sys.version_info))') && \
	  $(MAKE) test VENV=.venv-$$version

check: format-check lint types contracts docs fast ## format, lint, types, contracts, docs, fast tests

fast: $(VENV)/.dev ## unit tests, laws and architecture, without coverage
	$(PYTEST) -n $(WORKERS) --dist worksteal -q $(wildcard tests/unit tests/laws tests/golden tests/architecture)

format-check: $(VENV)/.dev
	$(BIN)/ruff format --check $(CHECKED)

lint: $(VENV)/.dev ## ruff
	$(BIN)/ruff check $(CHECKED)

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

contracts: $(VENV)/.dev ## import-linter: who may import whom
	$(BIN)/lint-imports --no-cache

docs: $(VENV)/.dev ## examples in docstrings run, documents hold, links resolve
	$(PYTEST) -q src tests/architecture/test_documents.py $(wildcard tests/docs)

format: $(VENV)/.dev ## rewrite the code as the formatter wants it
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

slow: $(VENV)/.dev ## calibration and other long tests, then ten minutes of fuzzing
	$(PYTEST) -n $(WORKERS) --dist worksteal --slow -m 'slow and not services' \
	  --hypothesis-profile=thorough
	@if [ -d tests/fuzz ]; then $(MAKE) fuzz; fi

fuzz: $(VENV)/.dev ## mutate real logs for SECONDS (default 600)
	SCALEGATE_FUZZ_SECONDS=$(SECONDS) $(PYTEST) tests/fuzz --slow --hypothesis-profile=thorough

bench: $(VENV)/.bench ## ours beside the peers, in one run
	@set -e; for bench in benchmarks/*.py benchmarks/*/__main__.py; do \
	  [ -e "$$bench" ] || continue; \
	  echo; echo "== $${bench%/__main__.py}"; PYTHONPATH=. $(BIN)/python "$${bench%/__main__.py}"; done

test-services: $(VENV)/.dev $(VENV)/.services ## tests that need a browser, PDF tools, a database, an S3 store, Ray, a token or a key service
	$(PYTEST) --services -m services || [ $$? -eq 5 ]  # 5: there is no such test

lock: ## pin the requirements again (needs `uv` on the path)
	$(PYTHON) tools/lock_requirements.py

clean: ## remove what tools left behind (not the environment)
	rm -rf build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	  .import_linter_cache
	find src tests tools benchmarks -name __pycache__ -prune -exec rm -rf {} +
