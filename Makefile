# ChatSphere: the few verbs. CI runs the same ones (.ci/run).
#
#   make run PYTHON=python3.12      another interpreter, in an environment of its own
#   make run VENV=/path             another environment
#   make run DASHBOARD=0            the API alone: the dashboard is not built
#   make run EXTRAS=1               Chroma, LanceDB and a local reranker too (90 packages more)
#   make test ARGS="-k citation"    arguments for the program behind the verb

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test e2e dashboard faults lint fmt bench lock clean

PYTHON ?= python3
VENV ?= $(if $(filter python3,$(PYTHON)),.venv,.venv-$(notdir $(PYTHON)))
ARGS ?=
DASHBOARD ?= 1
BIN = $(VENV)/bin
ALONE = tests/faults tests/e2e
SETUP = "$(PYTHON)" scripts/setup.py --venv "$(VENV)" $(if $(EXTRAS),--extras)
PY_PATHS = $(wildcard src tests bench scripts migrations requirements)

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

run: ## set up and serve; ARGS="--port 9000" goes to `chatsphere serve`
	@$(SETUP) --model
ifeq ($(DASHBOARD),1)
	@"$(BIN)/python" scripts/dashboard.py || echo "Serving without it as it is now." >&2
endif
	@"$(BIN)/chatsphere" serve $(ARGS)

test: ## the whole test suite; ARGS="tests/unit" runs a part
	@$(SETUP) --dev --model
ifeq ($(strip $(ARGS)),)
	@# On all cores first; then one by one what breaks processes, or looks at a page, and counts seconds.
	@"$(BIN)/python" -m pytest -n auto --maxprocesses 4 --dist loadfile $(addprefix --ignore=,$(ALONE)) tests
	@"$(BIN)/python" -m pytest $(ALONE)
else
	@"$(BIN)/python" -m pytest $(ARGS)
endif

e2e: ## the tests in a browser alone; ARGS="-k people" runs a part
	@$(SETUP) --dev --model
	@"$(BIN)/python" -m pytest tests/e2e -s $(ARGS)

dashboard: ## lint, test, build and weigh the dashboard (frontend/)
	@$(SETUP) --dev
	@"$(BIN)/python" scripts/dashboard.py check

faults: ## the fault tests in full (about an hour); ARGS="-k f2" runs a part; `make test` runs a short form
	@$(SETUP) --dev --model
	@CHATSPHERE_FAULTS=full "$(BIN)/python" -m pytest tests/faults -s $(ARGS)

lint: ## style, types, import contracts, security, secrets, local rules, sizes, requirement files
	@$(SETUP) --dev
	"$(BIN)/ruff" check $(PY_PATHS)
	"$(BIN)/ruff" format --check $(PY_PATHS)
	"$(BIN)/mypy"
	"$(BIN)/lint-imports"
	"$(BIN)/bandit" --quiet --recursive --configfile pyproject.toml src
	git ls-files -z --cached --others --exclude-standard | xargs -0 "$(BIN)/detect-secrets-hook" --baseline .secrets.baseline
	"$(BIN)/python" scripts/check_rules.py
	"$(BIN)/python" scripts/check_sizes.py
	"$(BIN)/python" scripts/check_requirements.py

fmt: ## format, and mend what ruff can mend
	@$(SETUP) --dev
	"$(BIN)/ruff" format $(PY_PATHS)
	"$(BIN)/ruff" check --fix $(PY_PATHS)

bench: ## measure quality and cost; prints a table, writes bench/results
	@$(SETUP) --dev --model
	@"$(BIN)/python" -m bench $(ARGS)

lock: ## pin the requirements anew; ARGS=--upgrade takes newer versions
	@$(SETUP)
	@"$(BIN)/python" scripts/lock.py $(ARGS)

clean: ## remove environments and caches; keeps data/
	rm -rf .venv .venv-* build dist .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(PY_PATHS) -name __pycache__ -type d -prune -exec rm -rf {} +
