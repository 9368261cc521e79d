# Each target does its own set-up; ARGS is handed on, as in: make smoke ARGS="--headed"
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup dev smoke full test detect soak dashboard report docs bench requirements

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## make .venv and find or install a browser; does nothing when all is there
	@$(PYTHON) scripts/setup.py

dev:  ## as setup, and what the project's own checks need besides
	@$(PYTHON) scripts/setup.py --dev

smoke: setup  ## two people meet, end to end, against the target or the stand-in
	@$(BIN)/pytest -m smoke $(ARGS)

full: setup  ## everything else users do
	@$(BIN)/pytest -m full $(ARGS)

test: dev  ## lint, types, and every test of this project
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest $(ARGS)

detect: dev  ## inject every fault, and write docs/detection.md (DETECT=new goes on where it stopped)
	-@DETECT=$${DETECT:-all} $(BIN)/pytest -m fault $(ARGS)
	@$(BIN)/python -m tests.detection.table

soak: dev  ## run both suites again and again where nothing is broken (goes on where it stopped)
	@$(BIN)/python -m benchmarks.repeat --suite smoke --topology mesh --times $(or $(SMOKES),300)
	@$(BIN)/python -m benchmarks.repeat --suite full --topology mesh --times $(or $(FULLS),20)

dashboard: setup  ## watch the target, or a stand-in that you may break, and show it until Ctrl-C
	@$(BIN)/python scripts/dashboard.py

report: setup  ## the Allure report of what ran so far, in reports/allure (needs Node 20+)
	@$(BIN)/python scripts/report.py $(ARGS)

docs: dev  ## write what follows from the code, and make a site of all pages in reports/docs
	@$(BIN)/python scripts/reference.py
	@$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -c docs . reports/docs

bench: dev  ## measure, and write docs/figures.md
	@$(BIN)/python -m benchmarks $(ARGS)

PIN := $(BIN)/pip-compile --quiet --upgrade --build-deps-for editable --generate-hashes --strip-extras \
	--allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
requirements: dev  ## pin the dependencies of pyproject.toml anew
	$(PIN) --output-file requirements.txt pyproject.toml
	$(PIN) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
