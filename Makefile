# Surcease: `make run` and `make test` do everything on a fresh Debian 12 machine with Python 3.11.
SHELL := /bin/bash
PYTHON ?= python3
UV := .tools/bin/uv
PY := .venv/bin/python
PORT ?= 8000
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy

.PHONY: help run demo test test-long fault mutation mutation-pkpd coverage-pkpd lint docs install lock clean system-test-deps

help:            ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: .venv/.runtime  ## make the environment, the database and the demo clinic, and serve it on 127.0.0.1:8000
	@.venv/bin/surcease run --demo-if-empty --port $(PORT)

demo: .venv/.runtime  ## rebuild the demo clinic (never touches a database with real records)
	@.venv/bin/surcease demo --reset

install: .venv/.dev  ## the environment with the test tools, at .venv

test: .venv/.dev system-test-deps  ## everything: lint, types, floors, unit, cases, property, reference, both databases, browser
	@tests/run_all.sh

test-long: .venv/.dev  ## the suites that take many minutes (calibration, losslessness, forecasts)
	$(PY) -m pytest -m long

fault: .venv/.dev system-test-deps  ## kill -9, power cuts, full disks
	$(PY) -m pytest -m fault

lint: .venv/.dev  ## style, types, floors
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy

docs: .venv/.dev  ## the documentation site, generated pages first
	$(PY) docs/generate.py
	$(PY) -m sphinx -q -b html docs docs/_build/html

bench-%: .venv/.dev  ## one benchmark: bench-pkpd, bench-knowledge
	$(PY) -m bench.$*

mutation: .venv/.dev  ## strength of the tests of doses, scores, rules and programmes (15 to 45 min)
	$(PY) -m bench.mutation dose

mutation-pkpd: .venv/.dev  ## strength of the solver's tests (an hour, for the night)
	$(PY) -m bench.mutation solver

coverage-pkpd: .venv/.dev  ## every branch of pkpd and units is taken by a test, without the compiler
	COVERAGE_FILE=.coverage NUMBA_DISABLE_JIT=1 $(PY) -m coverage run --source=surcease.pkpd,surcease.units -m pytest \
	  -m "not long" --doctest-modules tests/unit/test_pkpd_*.py tests/unit/test_units.py tests/unit/test_regimen.py \
	  tests/unit/test_dose.py src/surcease/pkpd src/surcease/units.py
	$(PY) -m coverage report --include="*/pkpd/*,*/units.py" --show-missing --skip-covered --fail-under=100

.venv/.peers: .venv/.dev requirements/peers.lock requirements/peers.toml
	@command -v gfortran >/dev/null && command -v g++ >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends g++ gfortran >/dev/null; \
	  else echo "Two peers are compiled here: install the Debian packages g++ and gfortran."; exit 1; fi; }
	$(UV) pip install -q --config-file requirements/peers.toml -p .venv --require-hashes -r requirements/peers.lock
	@touch $@

bench-pkpd: .venv/.peers

$(UV): requirements/bootstrap.lock
	$(PYTHON) -m pip install -q --disable-pip-version-check --root-user-action=ignore --target .tools --upgrade --only-binary :all: --require-hashes -r $<
	@touch $@

.venv/.runtime: $(UV) requirements/runtime.lock pyproject.toml
	test -x .venv/bin/python || $(UV) venv -q --python $(PYTHON) .venv
	$(UV) pip install -q -p .venv --compile-bytecode --only-binary :all: --require-hashes -r requirements/runtime.lock
	$(UV) pip install -q -p .venv --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements/dev.lock
	$(UV) pip install -q -p .venv --only-binary :all: --require-hashes -r requirements/runtime.lock -r requirements/dev.lock
	@touch $@ .venv/.runtime .venv/.dev

system-test-deps:
	@command -v chromium >/dev/null && ldconfig -p | grep -q 'libatomic.so.1' || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium libatomic1 >/dev/null; \
	  else echo "The browser tests need Chromium: install the Debian packages chromium and libatomic1."; exit 1; fi; }

lock: $(UV)       ## resolve the requirements again
	for s in bootstrap runtime dev peers; do $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras requirements/$$s.in -o requirements/$$s.lock; done

clean:           ## remove the environment and caches
	rm -rf .tools .venv .pytest_cache .mypy_cache .ruff_cache docs/_build
