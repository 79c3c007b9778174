# Two commands do everything: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin
# What is compiled is kept, whatever the environment says: reading the tests anew costs each worker 5 s.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test aside checks lint types imports collected tests sandbox-tests browser-tests screenshots bench soak engines mutations audit wheel reference setup clean

demo: setup
	$(BIN)/session-bot demo --tour
ifneq ($(TOUR),only)
	$(BIN)/session-bot demo
endif

# The browser waits more than it works: its tests and the sandbox's run beside the others, and what they say comes last.
test: checks
	@$(MAKE) --no-print-directory --keep-going --jobs 2 tests aside; code=$$?; cat .venv/aside; \
	$(BIN)/python -m tests.postgres; exit $$code

aside: setup
	@$(MAKE) --no-print-directory --keep-going --jobs 1 browser-tests sandbox-tests WORKERS=1 > .venv/aside 2>&1

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name another with PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[demo,dev,postgres]'
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

WORKERS ?= 3

sandbox-tests: setup
	$(BIN)/pytest -n $(WORKERS) tests/sandbox

# A Chromium that is installed, Debian's for example, or the one that CHROMIUM names: none is downloaded here.
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

ifeq ($(CHROMIUM),)
browser-tests screenshots:
	@echo 'The browser tests were not run: there is no Chromium on this machine. On Debian `apt-get install chromium`'
	@echo 'installs one, elsewhere CHROMIUM=/path/to/it names one; then `make browser-tests` runs them.'
else
test: .venv/browser

browser-tests: .venv/browser
	CHROMIUM='$(CHROMIUM)' $(BIN)/pytest -n $(WORKERS) tests/browser

# The pictures of the README and the docs, from a world of their own.
screenshots: .venv/browser
	CHROMIUM='$(CHROMIUM)' $(BIN)/pytest -n 0 tests/browser/test_pictures.py --pictures docs/images
endif

.venv/browser: .venv/ready
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[browser]'
	touch $@

reference: setup
	$(BIN)/python -m tests.docs.reference
	$(BIN)/python -m tests.supply_chain.sbom

# All figures, and tests/benchmarks/RESULTS.md anew; `make bench MODULES=ack` prints those of one module only.
bench: setup
	$(BIN)/python -m tests.benchmarks $(MODULES)

# Ten minutes each of load, of kills and cuts, of replicas and of the search of tests/fuzz, and the whole table of
# crashes; tests/soak/RESULTS.md anew. SOAK_MINUTES=1 SOAK_STARTS=100 is a try.
soak: setup
	code=0; $(BIN)/python -m tests.soak || code=1; timeout 20m $(BIN)/python -m tests.fuzz --minutes 10 || code=1; \
	$(BIN)/pytest -n 2 --all-crashes tests/faults/test_failpoints.py || code=1; exit $$code

# Each conversation and each event of the model on PostgreSQL, of which `make test` tries one in sixteen there, and ten
# times as many courses of the model: some fifteen minutes.
engines: setup
	$(BIN)/pytest --all-engines --model-examples=100 --timeout=600 -k postgres

# Each guard is taken away in a copy of the tree, and a test must fall: some minutes.
mutations: setup
	$(BIN)/python -m tests.mutations

# The pins, in the advisories: 1 is a known vulnerability, 2 that some could not be looked up.
audit: setup
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[audit]'
	$(BIN)/python -m tests.supply_chain constraints.txt

# dist/*.whl, the same bytes from the same commit, with the bill of materials within.
wheel: setup
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/hatchling build -t wheel

clean:
	rm -rf .venv
