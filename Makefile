# Everything a developer or an evaluator does. Needs make and Python 3.11 or newer, nothing else; no root.
# All paths are relative, so the project may live in a folder whose name holds spaces.

.DEFAULT_GOAL := help
.PHONY: help setup demo up test lint lint-deploy types lock clean
SHELL := /bin/sh

PYTHONS ?= python3.14 python3.13 python3.12 python3.11 python3
UV ?= uv
PYTEST_ARGS ?=
# A test file shares its servers, so one process runs it whole.
PYTEST_WORKERS ?= -n 2 --dist loadfile

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
STAMP := .venv/.set-up

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv with exactly the packages of requirements.lock; repeated only when they change

$(STAMP): requirements.lock pyproject.toml
	@chosen=; \
	for python in $(PYTHONS); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    chosen=$$python; break; \
	  fi; \
	done; \
	if $(PY) -c 'import pip' >/dev/null 2>&1; then :; \
	elif [ -z "$$chosen" ]; then \
	  echo "No usable Python 3.11 or newer was found (looked for: $(PYTHONS))."; \
	  echo "Install one, with its venv module (on Debian and Ubuntu: python3-venv), and run make again."; \
	  echo "One that is installed elsewhere can be named: make setup PYTHONS=/path/to/python3"; \
	  exit 1; \
	else \
	  echo "Making .venv with $$($$chosen -V)"; \
	  $$chosen -m venv --clear .venv || exit 1; \
	fi
	@echo "Installing the packages of requirements.lock, each checked against its hash"
	@$(PIP) install -q --require-hashes -r requirements.lock || { \
	  echo; \
	  echo "The packages could not be installed. The first run needs a Python package index: check the network,"; \
	  echo "or the proxy or mirror that pip is set to use (pip config list), and run make again."; \
	  exit 1; \
	}
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# The options are read by the shell from the environment, where make puts what its command line says.
demo: setup ## a plan's whole year in minutes, on this machine; KILL=1 SEED=n KEEP=1 SCRIPT= EXPECT= DATA=
	@set --; \
	[ "$${KILL:-0}" = 0 ] || set -- "$$@" --kill; \
	[ "$${KEEP:-0}" = 0 ] || set -- "$$@" --keep; \
	[ -z "$$SEED" ] || set -- "$$@" --seed "$$SEED"; \
	[ -z "$$SCRIPT" ] || set -- "$$@" --script "$$SCRIPT"; \
	[ -z "$$EXPECT" ] || set -- "$$@" --expect "$$EXPECT"; \
	[ -z "$$DATA" ] || set -- "$$@" --data "$$DATA"; \
	exec .venv/bin/dondoc demo "$$@"

up: setup ## the whole stack on this machine, until Ctrl-C; DATA= its folder
	@exec .venv/bin/dondoc up $${DATA:+--data "$$DATA"}

test: setup ## all tests, two at a time; PYTEST_ARGS="-k …" for fewer
	$(PY) -m pytest $(PYTEST_WORKERS) $(PYTEST_ARGS)

lint: setup ## ruff: rules and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: setup ## mypy, strict
	$(PY) -m mypy .

lint-deploy: setup ## the Dockerfile and the compose file
	.venv/bin/hadolint deploy/Dockerfile
	cd deploy && ../$(PY) -m compose_lint check --strict-config --fail-on low --skip-suppressed --quiet compose.yaml

lock: ## (developers, with uv) resolve both lock files anew; UV=path/to/uv
	$(UV) pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url -q -o requirements.lock
	$(UV) pip compile pyproject.toml --extra build -c requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url -q -o requirements-run.lock

clean: ## delete .venv and what tools left behind; data folders stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
