# Every target sets up what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONUNBUFFERED := 1
unexport PYTHONDONTWRITEBYTECODE # the tests start hundreds of processes
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PORT ?= 8000
RESIDENTS ?=
PART ?=
export RESUME ?=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev browser demo test tests check-long soak bench bundle lint types contract format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/run.stamp: requirements.lock pyproject.toml
	@test -x $(BIN)/pip || { echo "making $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }
	@bash scripts/install requirements.lock
	@$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	@bash scripts/install requirements-dev.lock
	@touch $@

linli/web/locale/en/LC_MESSAGES/django.mo: linli/web/locale/en/LC_MESSAGES/django.po $(VENV)/run.stamp
	@$(BIN)/pybabel -q compile -D django -d linli/web/locale

$(VENV)/compiled.stamp: $(wildcard linli/reach/search/*.py linli/reach/siting/*.py linli/reach/*.py) $(VENV)/run.stamp
	@$(BIN)/linli reach compile
	@touch $@

setup: $(VENV)/run.stamp $(VENV)/compiled.stamp linli/web/locale/en/LC_MESSAGES/django.mo ## make the virtual environment with the locked run-time packages

setup-dev: setup $(VENV)/dev.stamp ## the same with the packages for tests and checks

browser: ## Chromium and Chinese fonts for the browser tests (system packages; needs root or sudo)
	@bash scripts/browser

demo: setup ## load the demo city, screen it, serve it on http://127.0.0.1:8000; PORT=…, RESIDENTS=…
	@$(BIN)/linli demo run --port $(PORT) $(if $(RESIDENTS),--residents $(RESIDENTS))

test: setup-dev browser lint ## all checks and tests that fit into ten minutes on two cores
	@$(MAKE) --no-print-directory -j 3 types contract tests

tests: setup-dev browser # those of `make test`; its checks run beside them, and every run tries the same drawn examples
	LINLI_LOOK=quick $(BIN)/linli db run --passing -- $(BIN)/pytest -q -m "not long" -n 2 --dist loadfile --no-loadscope-reorder --durations=10

check-long: setup-dev browser ## deeper and larger tests: run before each stop; PART=flow/site for one folder, RESUME=1 goes on
	$(BIN)/linli db run --passing -- bash scripts/check-long $(PART)

soak: export SOAK_PAYMENTS ?= 20000
soak: setup-dev ## 20,000 payments while pages, workers and PostgreSQL are killed; SOAK_PAYMENTS=, SOAK_MINUTES=, SOAK_SEED=, SOAK_PAUSE=
	$(BIN)/linli db run -- $(BIN)/pytest -q -s -m long tests/flow/site/test_soak.py

bench: setup-dev ## figures against a peer or a ceiling; ONLY=<name> runs one
	$(BIN)/linli db run -- $(BIN)/python -m benchmarks $(ONLY)

bundle: setup ## one file that installs Linli without a network, for x86-64 and aarch64, Python 3.11 and 3.12
	$(BIN)/python scripts/bundle --out linli-offline.tar

lint: setup-dev ## style and form of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev ## static types
	$(BIN)/mypy linli

contract: setup-dev ## imports point downwards only
	$(BIN)/lint-imports --no-cache

format: setup-dev ## put the code into its one form
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: setup-dev ## renew the lock files from pyproject.toml
	bash scripts/lock

clean: ## remove the virtual environment; the demo's data stays in .linli
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
