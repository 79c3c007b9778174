# Two commands do everything: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin
# What is compiled is kept, whatever the environment says: reading the tests anew costs each worker 5 s.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint types imports tests sandbox-tests bench reference setup clean

demo: setup
	$(BIN)/session-bot demo --tour
ifneq ($(TOUR),only)
	@if [ -t 0 ]; then set -x; exec $(BIN)/session-bot demo; fi; \
	echo "Nobody could end it from here, so the page is not served: session-bot demo does that until it gets a signal."
endif

test: lint types imports tests sandbox-tests

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name another with PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[demo,dev]'
	touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

tests: setup
	$(BIN)/pytest

sandbox-tests: setup
	$(BIN)/pytest -n 3 tests/sandbox

reference: setup
	$(BIN)/python -m tests.docs.reference

bench: setup
	$(BIN)/python tests/benchmarks/ack.py
	$(BIN)/python -m tests.benchmarks.directory

clean:
	rm -rf .venv
