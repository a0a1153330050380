# The commands of this project. Each does its own set-up and is quick the second time.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
# Most tests wait for processes, so there are more workers than cores.
PYTEST_WORKERS ?= 4

.PHONY: help up down test long check bench rollouts migrations faults cloud-faults development toolchain chromium

help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

up:  ## deploy the example application to this machine
	@./slipway up development

down:  ## take it down again, with its data
	@./slipway destroy development

test: check toolchain chromium  ## run every check, and the tests
	@$(PYTHON) -m pytest -n $(PYTEST_WORKERS) --dist loadgroup -m "not long"

long: development toolchain  ## run the tests that need the machine for themselves
	@$(PYTHON) -m pytest -m long

check: development  ## run the linters and the type checker
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

bench: development toolchain  ## compare Slipway with the bare engine
	@$(PYTHON) -m benchmarks

rollouts: development toolchain  ## roll out and back under load, 20 times each; takes hours
	@$(PYTHON) -m benchmarks.rollouts

migrations: development toolchain  ## migrate a million rows under load, and back, and from every failure
	@SLIPWAY_TEST_ROWS=1000000 $(PYTHON) -m pytest tests/integration/test_migrations.py \
		tests/integration/test_contractions.py tests/integration/migrations

faults: development toolchain  ## kill and interrupt deployments at every moment; takes hours
	@$(PYTHON) -m tests.integration.faults

cloud-faults: development toolchain  ## let each call of a provider's plugin fail; takes hours
	@$(PYTHON) -m tests.integration.cloud_faults

development:
	@sh automation/toolchain/setup.sh --dev

toolchain: development
	@$(PYTHON) -m automation.toolchain >/dev/null

chromium:
	@sh tests/integration/chromium.sh
