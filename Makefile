# Every command of the project. `make` alone sets up and writes the first report; `make test` checks everything.

PY      ?= python3
DOSSIER ?= dossiers/skin-whitening-injections
REPORT  ?= out/$(notdir $(DOSSIER)).html
WORKERS ?= 2

UV := .tools/bin/uv
V  := .venv/bin
LOCKED := --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

export PIP_ROOT_USER_ACTION := ignore
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := demo
.PHONY: demo setup test lint types layers docs-check pytest browser format bench pictures lock clean help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

##@ Use
demo: .venv/runtime.ok  ## set up, then write the report on the first dossier (the default)
	@$(V)/evenhand assess $(DOSSIER) -o $(REPORT)

setup: .venv/runtime.ok  ## set up what evenhand needs to run, in .venv

##@ Check
test: .venv/dev.ok browser  ## set up all, then lint, types, layers and every test
	@$(MAKE) lint types layers pytest

lint: .venv/dev.ok  ## style of the code
	@echo "· lint"
	@$(V)/ruff check --quiet .
	@$(V)/ruff format --check --quiet . || { echo "Mend: make format"; exit 1; }

types: .venv/dev.ok  ## strict types
	@echo "· types"
	@$(V)/mypy --no-error-summary

layers: .venv/dev.ok  ## a stage imports only earlier stages
	@echo "· layers"
	@$(V)/lint-imports --no-logo >.venv/layers.txt 2>&1 || { cat .venv/layers.txt; exit 1; }

docs-check: .venv/dev.ok  ## every example in README and docs runs
	@$(V)/pytest -q tests/test_docs.py

pytest: .venv/dev.ok
	@echo "· tests"
	@$(V)/pytest -q -n $(WORKERS) --dist worksteal

browser: .venv/dev.ok  ## Chromium and axe-core for the browser tests, where this user may install them
	@sh bin/setup-browser

##@ Work
format: .venv/dev.ok  ## put the code into its one shape
	@$(V)/ruff check --quiet --fix . ; $(V)/ruff format --quiet .

bench: .venv/dev.ok  ## processor time of the main job, and every other benchmark
	@$(V)/python -m benchmarks

pictures: .venv/dev.ok browser  ## the report's pictures in docs/pictures
	@$(V)/python docs/make_pictures.py

lock: $(UV)  ## pin every dependency by hash (UPGRADE=--upgrade for newer ones)
	@$(UV) pip compile -q $(UPGRADE) pyproject.toml $(LOCKED) -o requirements.lock
	@$(UV) pip compile -q $(UPGRADE) pyproject.toml --group dev --constraint requirements.lock $(LOCKED) -o requirements-dev.lock
	@npm install --package-lock-only --ignore-scripts --no-audit --no-fund --silent
	@! grep -n '://' requirements.lock requirements-dev.lock tools.lock || { echo "A lock file names a host."; exit 1; }
	@! grep -n '"resolved"' package-lock.json || { echo "package-lock.json names a host."; exit 1; }


clean:  ## remove all that these commands made
	@rm -rf .venv .tools node_modules out dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

help:  ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- set-up ---------------------------------------------------------------------------------------------------------
# `pip install --target` works where a distribution guards its own Python (PEP 668) and has no venv module; the uv it
# brings, checked against its hashes, then makes the environment in seconds.

$(UV): tools.lock
	@sh bin/check-python $(PY)
	@echo "· setting up: the installer (.tools)"
	@$(PY) -m pip install -q --require-hashes --only-binary :all: --upgrade --target .tools -r tools.lock
	@touch $@

.venv/runtime.ok: $(UV) requirements.lock pyproject.toml
	@echo "· setting up: evenhand and what it needs (.venv)"
	@$(UV) venv -q --allow-existing --python $(PY) .venv
	@$(UV) pip install -q --compile-bytecode --python $(V)/python --require-hashes -r requirements.lock
	@$(UV) pip install -q --python $(V)/python --no-deps -e .
	@$(V)/python -m compileall -q src
	@touch $@

.venv/dev.ok: .venv/runtime.ok requirements-dev.lock
	@echo "· setting up: what the checks need"
	@$(UV) pip sync -q --python $(V)/python --require-hashes requirements-dev.lock
	@$(UV) pip install -q --python $(V)/python --no-deps -e .
	@touch $@
