# Each target sets everything up by itself; a second run sets nothing up again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed

.PHONY: bench test check lint benchmark record browser lock clean

bench: $(READY)  ## replay all scenarios, print verdicts, write reports/latest
	$(BIN)/pytest scenarios/ -n auto --dist loadfile

test: $(READY)  ## run the tests
	$(BIN)/pytest -n auto --dist loadfile

check: lint test  ## everything that must be green

lint: $(READY)  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

benchmark: $(READY)  ## what the suite itself costs, as ratios
	$(BIN)/pytest tests/benchmarks -p no:xdist --benchmark-only

browser: $(READY)  ## a Chromium for the tests of report.html, which skip without one
	command -v chromium \
	    || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } \
	    || $(BIN)/playwright install --with-deps chromium

record: $(READY)  ## record what the cassettes lack from the simulated provider
	$(BIN)/flagbench record scenarios

lock: $(READY)  ## resolve pyproject.toml anew into requirements.lock
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --custom-compile-command "make lock" -o requirements.lock

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .flagbench reports/latest

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flagbench needs Python 3.11 or later: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@
