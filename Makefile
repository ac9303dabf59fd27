# Everything the README promises. Windows: the README gives the plain lines.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: run test check soak oracle bench bench-load bench-forecast screenshots sample lock audit sbom try-image clean

run: $(VENV)/.runtime            ## open the app (your workspace, or the sample while yours is empty)
	$(BIN)/leeway serve $(ARGS)

WORKERS ?= 2
# Browsers mostly wait, so they too go WORKERS at a time; one may miss once on a crowded machine, and
# is named (look into who is named often), a second miss fails. Pytest ends with 5 where ARGS leaves
# nothing.
define TESTS
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile -m "not browser" $(ARGS) || [ $$? = 5 ]
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --reruns 1 -rR -m browser $(ARGS) || [ $$? = 5 ]
endef
test: $(VENV)/.dev               ## all tests, WORKERS files at a time
	$(TESTS)

check: $(VENV)/.dev              ## format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(TESTS)

SOAK_KILLS ?= 500
SOAK_CASES ?= 500
soak: $(VENV)/.dev               ## the long form of what must never fail: SOAK_KILLS kills, SOAK_CASES cases
	SOAK_KILLS=$(SOAK_KILLS) SOAK_CASES=$(SOAK_CASES) $(BIN)/python -m pytest -q -m soak $(ARGS)

oracle: $(VENV)/.dev             ## another library of inventory formulas, which some tests ask if it is there
	$(PIP) install --no-deps --require-hashes -r requirements-oracle.txt

bench: $(VENV)/.dev              ## what is measured, printed
	$(BIN)/python -m benchmarks

bench-load: $(VENV)/.dev         ## fifty people at once, for minutes; writes its figures into docs/performance.md
	$(BIN)/python -m benchmarks.load $(ARGS)

DATA ?= ../shared/data
PEERS := build/peers
bench-forecast: $(VENV)/.dev $(PEERS)/.ready  ## ours beside the best open forecasters, on the sets in DATA
	$(BIN)/python -m benchmarks.forecast --data $(DATA) $(ARGS)

screenshots: $(VENV)/.dev        ## every page, both languages, both themes, into build/screenshots
	$(BIN)/python -m tests.browser.screenshots

sample: $(VENV)/.runtime         ## make the sample seller's files again (seeded: the same bytes)
	$(BIN)/python -m data.sample.generate

lock: $(VENV)/.dev               ## renew the two lock files
	$(BIN)/uv pip compile pyproject.toml requirements-build.in --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -q -o requirements.txt
	$(BIN)/uv pip compile requirements-dev.in -c requirements.txt --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -q -o requirements-dev.txt
	$(BIN)/uv pip compile benchmarks/forecast/requirements.in --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -q -o benchmarks/forecast/requirements.txt

audit: $(VENV)/.dev              ## known vulnerabilities in what is locked, secrets in files and history; says what could not be asked
	$(BIN)/python -m tools.leaks
	$(BIN)/python -m tools.audit

sbom: $(VENV)/.dev               ## what the app is made of, as CycloneDX, into build/sbom.json; asks no network
	mkdir -p build
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-format JSON \
	  --output-file build/sbom.json requirements.txt

try-image: $(VENV)/.dev          ## the Containerfile's steps in a fresh folder, without a container engine
	$(BIN)/python -m tests.deploy.steps

clean:                           ## remove what these targets made
	rm -rf $(VENV) build

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Leeway needs Python 3.11 or newer; this is ' + sys.version.split()[0])"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --no-index -e .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements-dev.txt
	touch $@

# The peers pin an older pandas, so they live apart from the app.
$(PEERS)/.ready: benchmarks/forecast/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r $<
	touch $@
