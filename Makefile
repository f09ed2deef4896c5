# Spotter's everyday commands. Every one installs what it needs first, into .venv, from the hashed locks
# in requirements/; the second time there is nothing to install and it starts at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The environment's own pip; where Debian's python3-venv is missing it has none and the machine's serves it.
PIP = $$($(BIN)/python -c 'import pip' 2>/dev/null && echo $(BIN)/python -m pip || echo $(PYTHON) -m pip --python $(BIN)/python)
INSTALL = $(PIP) install --quiet --disable-pip-version-check
# What `make run` installs: with an endpoint for traces also what sends them.
RUN := $(if $(OTEL_EXPORTER_OTLP_ENDPOINT)$(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT),traces,run)
CLIENT := clients/python/.made
# Many processes are started here, by tests above all: each would compile all modules for itself where nobody keeps them.
unexport PYTHONDONTWRITEBYTECODE
# Extra arguments: `make test ARGS="tests/unit -k loads"`, `make lock ARGS=--upgrade`.
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test long lint prove laws fault-test cluster-test sentinel-test check client packages fuzz bench screenshots lock clean

help: ## Show this list
	@echo "Usage: make COMMAND [PYTHON=python3.11]"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: $(VENV)/.$(RUN) ## Start Spotter here: databases, workers and API, in one command; Ctrl-C stops it
	@exec $(BIN)/spotter run

test: $(CLIENT) ## Run the whole test suite against real embedded servers (ARGS="tests/unit -k loads")
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

long: $(CLIENT) ## Run what the test suite leaves out for its length: more histories, kills and requests, a wheel
	$(BIN)/python -m pytest -m long -n auto --dist loadfile $(ARGS)

lint: $(CLIENT) ## Check style, formatting, types and import directions
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

prove: $(VENV)/.dev ## Prove of every scheme in rules/ what must hold for any parameters and any training
	$(BIN)/spotter rules prove rules $(ARGS)

laws: $(CLIENT) ## Train a year by every programme, in few loads and many, and hold what is told against what is asked
	$(BIN)/python -m pytest tests/laws tests/properties/test_feed_does_not_flap.py -m laws -n auto --dist worksteal $(ARGS)

fault-test: $(CLIENT) ## Fill disks, take databases and clients away, kill processes at chosen points, and see that nothing is lost
	$(BIN)/python -m pytest tests/faults -m faults -n auto --dist loadfile $(ARGS)

cluster-test: $(CLIENT) ## Run the contract's tests on a Redis Cluster, then move slots and kill primaries under load
	$(BIN)/python -m pytest tests/contract --log-on cluster -n auto --dist loadfile $(ARGS) \
		--ignore tests/contract/test_contract_rules.py --ignore tests/contract/test_openapi.py  # which ask no log
	$(BIN)/python -m pytest tests/faults/test_cluster.py -m cluster -n 0 $(ARGS)

sentinel-test: $(CLIENT) ## Lose six primaries under load, in each durability, with Sentinels that find others
	$(BIN)/python -m pytest tests/faults/test_sentinel.py -m sentinel -n 2 $(ARGS)

check: lint prove test fault-test ## All that must pass before a change goes in: lint, proofs, tests and faults

client: $(CLIENT) ## Make the typed clients, Python in clients/python and TypeScript in clients/typescript, from the contract

packages: $(CLIENT) ## Build both clients as packages, in dist/: a wheel, its sources, and a tarball for npm
	@$(BIN)/python clients/pack.py

fuzz: $(VENV)/.dev ## Hold a running Spotter to its contract with thousands of requests, some minutes long
	$(BIN)/python -m pytest tests/e2e/test_fuzz.py -n 0 -s --hypothesis-profile=long $(ARGS)

bench: $(VENV)/.bench ## Measure, print a table and write var/bench.json
	$(BIN)/python -m bench $(ARGS)

screenshots: $(CLIENT) ## Take the pictures in docs/pictures anew, of the sample gym's pages (needs Chromium)
	$(BIN)/python -m tests.support.screenshots

lock: $(VENV)/.dev ## Lock the dependencies of pyproject.toml anew (ARGS=--upgrade for newer versions)
	$(LOCK) --group build -o requirements/run.txt
	$(LOCK) --group build --extra traces --constraints requirements/run.txt -o requirements/traces.txt
	$(LOCK) --group build --extra traces --group dev --constraints requirements/traces.txt -o requirements/dev.txt
	$(LOCK) --group build --group bench --constraints requirements/dev.txt -o requirements/bench.txt

LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(ARGS)

clean: ## Remove the environment, the client and the caches (the data in var/ stays)
	rm -rf $(VENV) clients/python clients/typescript dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made anew whenever the contract or the generator changed; so it is never stale, and never in the repository.
$(CLIENT): openapi.yaml LICENSE $(wildcard clients/generate*.py) clients/runtime.js service/http/problem_kinds.py $(VENV)/.dev
	@echo "Generating the clients in clients/python and clients/typescript ..."
	@$(BIN)/python clients/generate_typescript.py
	@$(BIN)/python clients/generate.py

# The stamps say that a lock is installed. The project itself is installed without build isolation, which would
# fetch an unlocked build backend.
$(VENV)/.run $(VENV)/.traces $(VENV)/.bench $(VENV)/.dev: $(VENV)/.%: requirements/%.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked dependencies of $< into $(VENV) ..."
	@$(INSTALL) --require-hashes -r $<
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Spotter needs Python 3.11 or newer as '$(PYTHON)'. Name another: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || { \
	    $(PYTHON) -m pip --version >/dev/null 2>&1 && $(PYTHON) -m venv --clear --without-pip $(VENV); } || { \
	    rm -rf $(VENV); \
	    echo "'$(PYTHON)' can neither make a virtual environment with pip nor run pip itself." >&2; \
	    echo "Install one of the two (Debian, Ubuntu: apt install python3-venv), then try again." >&2; exit 1; }
