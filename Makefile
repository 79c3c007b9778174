# Two commands do everything: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin
# What is compiled is kept, whatever the environment says: reading the tests anew costs each worker 5 s.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test checks lint types imports collected tests sandbox-tests browser-tests screenshots bench reference setup clean

demo: setup
	$(BIN)/session-bot demo --tour
ifneq ($(TOUR),only)
	$(BIN)/session-bot demo
endif

test: checks tests sandbox-tests browser-tests

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name another with PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[demo,dev]'
	touch $@

# Beside the checks each test file is made ready once; without that, every worker does it anew in a fresh clone.
checks: setup
	$(MAKE) --no-print-directory --jobs 2 lint types imports collected

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

# What cannot be collected is told by the step that runs it.
collected: setup
	-@$(BIN)/pytest -n 0 --collect-only --quiet tests tests/sandbox > .venv/collected

tests: setup
	$(BIN)/pytest

sandbox-tests: setup
	$(BIN)/pytest -n 3 tests/sandbox

# A Chromium that is installed, Debian's for example, or the one that CHROMIUM names: none is downloaded here.
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

ifeq ($(CHROMIUM),)
browser-tests screenshots:
	@echo 'The browser tests were not run: there is no Chromium on this machine. On Debian `apt-get install chromium`'
	@echo 'installs one, elsewhere CHROMIUM=/path/to/it names one; then `make browser-tests` runs them.'
else
browser-tests: .venv/browser
	CHROMIUM='$(CHROMIUM)' $(BIN)/pytest -n 3 tests/browser

# The pictures of the README and the docs, from a world of their own.
screenshots: .venv/browser
	CHROMIUM='$(CHROMIUM)' $(BIN)/pytest -n 0 tests/browser/test_pictures.py --pictures docs/images
endif

.venv/browser: .venv/ready
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[browser]'
	touch $@

reference: setup
	$(BIN)/python -m tests.docs.reference

# All figures, and tests/benchmarks/RESULTS.md anew; `make bench MODULES=ack` prints those of one module only.
bench: setup
	$(BIN)/python -m tests.benchmarks $(MODULES)

clean:
	rm -rf .venv
