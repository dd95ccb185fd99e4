# Mediant. `make help` lists the targets.
PYTHON     ?= python3
VENV       := .venv
BIN        := $(VENV)/bin
MEDIA      ?=
HOST       ?= 127.0.0.1
PORT       ?= 8356
CONFIG_DIR ?=
WRITE      ?=
CORPORA    := corpora

CONFIG     := $(if $(CONFIG_DIR),--config-dir "$(CONFIG_DIR)")
PIP        := $(BIN)/python -m pip install -qq --disable-pip-version-check
LOCK       := uv pip compile -q --universal --python-version 3.11 --generate-hashes \
              --no-emit-index-url --no-annotate --custom-compile-command "make lock"
TESTS      := $(BIN)/python -m pytest -n 2 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help install run models speech test test-needs test-slow check bench corpora screenshots docs lock wheel clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  variables: MEDIA HOST PORT CONFIG_DIR WRITE (none, minimal, full)"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Mediant needs Python 3.11 or newer.")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements/base.lock requirements/build.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Mediant needs (once; a few minutes)..." >&2
	@$(PIP) --require-hashes -r requirements/base.lock
	@$(PIP) --require-hashes -r requirements/build.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.tests: requirements/test.lock $(VENV)/.installed
	@$(PIP) --require-hashes -r requirements/test.lock
	@touch $@

$(VENV)/.checks: requirements/check.lock $(VENV)/.tests
	@$(PIP) --require-hashes -r requirements/check.lock
	@touch $@

install: $(VENV)/.installed  ## make .venv and install Mediant into it

run: $(VENV)/.installed  ## tag MEDIA (or a demo library) and serve it
	@$(BIN)/mediant $(CONFIG) serve --host $(HOST) --port $(PORT) --pull-models --progress \
	    $(if $(WRITE),--write $(WRITE)) --media "$(if $(MEDIA),$(MEDIA),demo)" $(if $(MEDIA),,--demo)

models: $(VENV)/.installed  ## fetch and convert the music networks
	@$(BIN)/mediant $(CONFIG) models pull

speech: $(VENV)/.installed  ## add what recognises speech, and a model for 99 languages
	@echo "Installing what recognises speech (once)..." >&2
	@$(PIP) --require-hashes -r requirements/speech.lock
	@$(BIN)/mediant $(CONFIG) models pull whisper-base

corpora:  ## fetch the free music and speech that some tests and the benchmarks use
	@sh tests/corpora.sh $(CORPORA)
	@sh tests/speech.sh $(CORPORA) $(PYTHON)

test-needs: $(VENV)/.tests corpora
	@sh tests/system.sh
	@$(BIN)/mediant -q --config-dir .cache models pull --speech

test: test-needs  ## run the tests (some minutes)
	$(TESTS) -m "not slow" tests

test-slow: test-needs  ## run the slow tests
	$(TESTS) -m slow tests

check: $(VENV)/.checks  ## lint, types, layers, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/codespell README.md CONTRIBUTING.md docs src tests changelog.d --skip "*.json,*.npz,*/language_table.py,*/function_words.py" --ignore-words-list als,caf,connexion,flushin,fo,ine,inforce,ist,mis,portugues,posible,processin,queryin,renderd,speaches,te,tha,vie,wel
	$(BIN)/python docs/generate.py --check

docs: $(VENV)/.checks  ## write the generated reference pages
	$(BIN)/python docs/generate.py

bench: test-needs  ## run the benchmarks, JSON on stdout
	@for script in jobs scan tagging calibration analytics retag subtitles; do $(BIN)/python benchmarks/$$script.py || exit 1; done

screenshots: $(VENV)/.installed  ## pictures of the start page, into docs/screenshots
	@sh docs/screenshots.sh $(BIN)

wheel: $(VENV)/.installed  ## build the wheel into dist/
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

lock:  ## compile the lock files anew (needs uv)
	$(LOCK) pyproject.toml -o requirements/base.lock
	$(LOCK) pyproject.toml --extra speech -o requirements/speech.lock
	$(LOCK) pyproject.toml --group test -o requirements/test.lock
	$(LOCK) pyproject.toml --group test --group check -o requirements/check.lock
	$(LOCK) requirements/build.in -o requirements/build.lock

clean:  ## remove what was built (not your config folder)
	rm -rf $(VENV) .cache dist build demo .pytest_cache .ruff_cache .hypothesis
