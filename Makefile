SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# The demo's own settings; a real installation has its own (docs/settings.md).
DEMO := ELEARN_DEMO=1 ELEARN_DATA=$(CURDIR)/data ELEARN_MANIFESTS=$(CURDIR)/data/media_manifest
SAY := @step() { local begun=$$SECONDS; echo "· $$1"; shift; "$$@" || exit 1; echo "  $$((SECONDS - begun)) s"; }; step
SOURCES := $(shell find elearn/frontend -type f 2>/dev/null) package.json

help: ## List what there is to do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/run node_modules/.done elearn/static/build/manifest.json translations data/.demo ## Set everything up and serve the demo on this machine
	@echo
	@echo "Open http://localhost:$${ELEARN_PORT:-8000}/demo in a browser, and sign in as Mette (learner), Karin (buyer), Lars (leader) or Ida (course owner)."
	@echo "Cards are paid at a stand-in for Stripe; its dashboard, with refunds and objections, is on http://localhost:$$(($${ELEARN_PORT:-8000} + 1))"
	@echo "Stop with Ctrl-C."
	@$(DEMO) elearn serve

setup: .venv/run node_modules/.done elearn/static/build/manifest.json translations ## Set up everything but data: then `elearn setup`, see README

test: .venv/dev node_modules/.done elearn/static/build/manifest.json translations ## Format, lint, types, import rules, and all tests on SQLite and PostgreSQL
	@tests/run

lint: .venv/dev translations ## Only format, lint, types and import rules
	@tests/run lint

walks: .venv/dev node_modules/.done elearn/static/build/manifest.json translations ## Only the browser journeys, on SQLite
	@tests/run walks

soak: .venv/dev node_modules/.done elearn/static/build/manifest.json translations ## The long races and fault runs
	@tests/run soak

bench: .venv/dev node_modules/.done elearn/static/build/manifest.json translations ## Measure the figures that docs/figures.md quotes
	@bench/run

messages: .venv/dev ## Collect new sentences for the translators
	@pybabel -q extract -F elearn/translations/babel.cfg -k _l --no-location --sort-output --omit-header -o elearn/translations/messages.pot .
	@for language in da nb nn; do pybabel -q update -N --no-fuzzy-matching --ignore-obsolete -i elearn/translations/messages.pot -d elearn/translations -l $$language; done

migration: .venv/run ## Write the difference between models and tables as a new migration: make migration NAME="what it does"
	@$(BIN)/python -m elearn.core.migrations "$(NAME)"

lock: ## Pin the newest versions of what requirements*.in name
	@uv pip compile -q -U --no-annotate --no-header --python-version 3.11 requirements.in -o requirements.txt
	@uv pip compile -q -U --no-annotate --no-header --python-version 3.11 requirements-dev.in -o requirements-dev.txt

clean: ## Throw away what was built and the demo's data
	rm -rf .venv node_modules elearn/static/build data

.PHONY: help run setup migration test lint walks soak bench messages lock clean translations

.venv/bin/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "This needs Python 3.11 or newer with venv and pip. On Debian or Ubuntu: sudo apt install python3 python3-venv python3-pip"; exit 1; }
	$(SAY) "virtual environment" $(PYTHON) -m venv .venv

.venv/run: .venv/bin/python requirements.txt pyproject.toml
	$(SAY) "Python packages" $(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(SAY) "Python packages for tests" $(BIN)/pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@

node_modules/.done: package.json package-lock.json | .venv/run
	$(SAY) "front-end packages" npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

elearn/static/build/manifest.json: $(SOURCES) node_modules/.done
	$(SAY) "front-end build" npm run --silent build
	@touch $@

translations: | .venv/run
	@for language in da nb nn; do \
	  po=elearn/translations/$$language/LC_MESSAGES/messages.po; [ -e $$po ] || continue; mo=$${po%.po}.mo; \
	  if [ ! -e $$mo ] || [ $$po -nt $$mo ]; then pybabel -q compile -i $$po -o $$mo -l $$language || exit 1; fi; done

data/.demo: .venv/run $(shell find courses media_manifest -type f -not -name '.*' 2>/dev/null) migrations/versions
	$(SAY) "database" env $(DEMO) elearn db upgrade
	@$(DEMO) elearn demo houses
	$(SAY) "films" env $(DEMO) elearn demo films
	$(SAY) "courses" env $(DEMO) elearn demo courses
	$(SAY) "demo people" env $(DEMO) elearn demo people
	$(SAY) "demo feedback" env $(DEMO) elearn demo feedback
	@touch $@
