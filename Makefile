# Needs python3 (3.11 or newer) with venv, and make. `make demo` and `make test` set up .venv first.

PYTHON  ?= python3
WORKERS ?= 2

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := $(VENV).bench/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint types fuzz bench stub lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(STAMP) ## install the locked packages and symdl itself into .venv

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("symdl needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## derive, check, compile and train a network on real digits; pictures go to out/
	$(BIN)/python derivations/digits.py

test: lint types ## ruff, mypy and every test
	$(BIN)/python -m pytest -n $(WORKERS)

check: test ## the same: the one command before a commit

lint: $(STAMP) ## ruff
	$(BIN)/ruff check .

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

fuzz: $(STAMP) ## 5,000 random programs, the planted bugs, 11,000 pairs, wrong variants of claims
	$(BIN)/python -m tests.fuzz --programs 5000
	$(BIN)/python -m tests.fuzz --planted
	$(BIN)/python -m tests.algebra.pairs --count 10000
	$(BIN)/python -m tests.algebra.matrix_pairs --count 1000
	$(BIN)/python -m tests.claims.verify.mutants

bench: $(PEERS) ## kernels, times and claims beside other systems, into out/; .venv.bench holds them
	$(VENV).bench/bin/python -m benchmarks.speed
	$(VENV).bench/bin/python -m benchmarks.derivation
	$(VENV).bench/bin/python -m benchmarks.claims

$(PEERS): pyproject.toml
	$(PYTHON) -m venv $(VENV).bench
	$(VENV).bench/bin/python -m pip install --quiet --disable-pip-version-check hatchling editables
	$(VENV).bench/bin/python -m pip install --quiet --disable-pip-version-check \
	    --no-build-isolation --editable '.[bench]'
	@touch $@

stub: $(STAMP) ## write symdl/__init__.pyi from the table of public names
	$(BIN)/python -c 'from symdl._public import write_stub; write_stub()'

lock: ## choose the newest packages again and write requirements.lock
	rm -rf $(VENV).lock
	$(PYTHON) -m venv $(VENV).lock
	$(VENV).lock/bin/python -m pip install --quiet hatchling editables --editable '.[demo,test]'
	$(VENV).lock/bin/python -m pip freeze --exclude-editable > requirements.lock
	rm -rf $(VENV).lock

clean: ## remove everything that was built
	rm -rf $(VENV) $(VENV).lock $(VENV).bench out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
