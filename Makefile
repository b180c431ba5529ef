# `make run` and `make test` are all that is needed; `make help` lists the rest.
# Needs python3 (3.11 or newer) with venv, and make. Everything else comes into .venv, from hash-locked lists.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
ARGS ?=
WORKERS ?= auto

BIN := .venv/bin
# One stamp per lock's content: a changed lock installs again, an unchanged one never does.
sum = $(shell cksum < requirements/$(1).txt | cut -d ' ' -f 1)
RUN_STAMP := .venv/.run-$(call sum,run)
DEV_STAMP := .venv/.dev-$(call sum,dev)
# The development list holds all of the run list, so whoever has it can run.
RUN_READY := $(firstword $(wildcard $(DEV_STAMP)) $(RUN_STAMP))
# A UV_PYTHON or PYTHONPATH of the caller would point past .venv.
CLEAN := env -u UV_PYTHON -u PYTHONPATH -u PYTHONHOME

##@ Use it
.PHONY: run stop reset logs
run: $(RUN_READY) ## start everything at http://127.0.0.1:8000 (Ctrl-C ends it)
	@$(BIN)/python -m her2tracker.local run

stop: $(RUN_READY) ## end what runs from this checkout
	@$(BIN)/python -m her2tracker.local stop

reset: $(RUN_READY) ## delete the local database and outbox (FORCE=1 does not ask)
	@$(BIN)/python -m her2tracker.local reset $(if $(FORCE),--force)

logs: $(RUN_READY) ## follow the logs of what runs
	@tail -n 20 -F "$$($(BIN)/python -m her2tracker.local where)"/logs/*.log

##@ Work on it
.PHONY: test faults shell manage with-services browser format docs bench screenshots lock env clean help
test: $(DEV_STAMP) browser ## run the tests; ARGS="-k overdue" narrows them
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

faults: $(DEV_STAMP) ## kill, flush, fill and block what runs, in full, and print what came of it
	@$(BIN)/python -m pytest -m "" tests/faults $(ARGS)

shell: $(RUN_READY) ## a Django shell with the services up
	@$(BIN)/python -m her2tracker.local exec -- $(BIN)/python manage.py shell

manage: $(RUN_READY) ## a Django command with the services up: make manage ARGS="showmigrations"
	@$(BIN)/python -m her2tracker.local exec -- $(BIN)/python manage.py $(ARGS)

browser: $(DEV_STAMP)
	@$(BIN)/python -m her2tracker.local browser --install

format: $(DEV_STAMP) ## format Python and templates
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .
	@find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} + || true

bench: $(DEV_STAMP) ## measure the bars on a clinic of PLANS plans (10000); ONLY="pages mail" for some parts, GROW=9 for more rows beside
	@$(BIN)/python -m her2tracker.local exec --temporary -- $(BIN)/python -m benchmarks --plans $(or $(PLANS),10000) $(if $(ONLY),--only $(ONLY)) $(if $(GROW),--grow $(GROW))

docs: $(DEV_STAMP) ## print docs/reference from the program
	@HER2TRACKER_LOCAL=1 $(BIN)/python manage.py build_docs

screenshots: $(DEV_STAMP) browser ## draw docs/images anew from the demo clinic
	@$(BIN)/python -m pytest --quiet --require-browser tests/browser/screenshots.py

##@ Check it
CHECKS := check-style check-types check-architecture check-django check-migrations check-templates check-docs check-security
.PHONY: check $(CHECKS)
check: $(DEV_STAMP) ## all checks below; all of them run, even after one failed
	@$(MAKE) --no-print-directory --keep-going --output-sync=target -j 2 $(CHECKS)

check-style: $(DEV_STAMP) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types: $(DEV_STAMP) ## mypy
	HER2TRACKER_LOCAL=1 $(BIN)/mypy

check-architecture: $(DEV_STAMP) ## import-linter: the arrows of the design
	$(BIN)/lint-imports

check-django: $(DEV_STAMP) ## Django's own checks, warnings included
	HER2TRACKER_LOCAL=1 $(BIN)/python manage.py check --fail-level WARNING

check-migrations: $(DEV_STAMP) ## none missing, none that would stop a running clinic
	$(BIN)/python -m her2tracker.local exec --temporary -- sh -c \
	  '$(BIN)/python manage.py makemigrations --check --dry-run && $(BIN)/python -m tests.lint_migrations'

check-templates: $(DEV_STAMP) ## djade: templates are formatted
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +

check-docs: $(DEV_STAMP) ## the generated reference is current
	HER2TRACKER_LOCAL=1 $(BIN)/python manage.py build_docs --check

# What is skipped, ruff checks too (S108, S308, S608), where each exception carries its reason.
check-security: $(DEV_STAMP) ## bandit: insecure Python
	$(BIN)/bandit --quiet --recursive --severity-level medium --skip B108,B308,B608,B703 \
	  her2tracker scheduling monitoring manage.py

##@ The environment
env: $(DEV_STAMP) ## install everything for development into .venv

lock: $(DEV_STAMP) ## resolve pyproject.toml anew into requirements/
	@for kind in "server" "run --extra local" "dev --extra local --extra optimiser --extra dev"; do \
	  set -- $$kind; name=$$1; shift; \
	  $(CLEAN) $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --system-certs \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    "$$@" pyproject.toml -o requirements/$$name.txt || exit 1; \
	done
	@echo "uv" | $(CLEAN) $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --system-certs \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" - -o requirements/uv.txt

clean: ## remove .venv and caches; the local database stays (see reset)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "her2tracker needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(CLEAN) $(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "No environment could be made. On Debian, as root: apt-get install python3-venv"; exit 1; }

# uv is many times faster; where it cannot be had, pip installs the same list.
$(RUN_STAMP): | .venv/bin/python
	@$(call install,run)

$(DEV_STAMP): | .venv/bin/python
	@$(call install,dev)

define install
echo "Installing requirements/$(1).txt into .venv"; \
if $(BIN)/uv --version > /dev/null 2>&1 || \
   $(CLEAN) $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt; then \
  $(CLEAN) VIRTUAL_ENV="$(CURDIR)/.venv" UV_LINK_MODE=copy $(BIN)/uv pip install --quiet --system-certs --require-hashes \
    -r requirements/$(1).txt; \
else false; fi || \
$(CLEAN) $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$(1).txt && \
rm -f .venv/.$(1)-* && touch $@
endef
