# Every target makes .venv and installs what it needs by itself. PYTHON=... chooses the interpreter.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo up test check bench soak format clean

help:
	@echo "make demo    see the main job done: a function created and called through boto3 and aws"
	@echo "make up      serve on http://127.0.0.1:4566"
	@echo "make test    all tests (short forms)"
	@echo "make check   lint, format, types"
	@echo "make bench   speed and size, beside a floor and a peer"
	@echo "make soak    the long forms of the tests"

demo: $(STAMP)
	$(BIN)/python demo/run.py

up: $(STAMP)
	$(BIN)/lambent up

test: $(STAMP)
	$(BIN)/python -m pytest -m "not soak"

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python -m bench

soak: $(STAMP)
	$(BIN)/python -m pytest -m soak

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) demo/out bench/out .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(STAMP): pyproject.toml
	@python="$(PYTHON)"; \
	for name in $$python python3.13 python3.12 python3.11 python3.14 python3 python; do \
	    [ -n "$$name" ] || continue; \
	    "$$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
	        2>/dev/null && { found=$$name; break; }; \
	done; \
	[ -n "$$found" ] || { echo "Lambent needs Python 3.11 to 3.14: install one, or say PYTHON=/path/to/python"; exit 1; }; \
	echo "making $(VENV) with $$found"; \
	"$$found" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(STAMP)
