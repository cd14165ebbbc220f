# Blog AI: `make run` serves the app, `make test` passes the tests. Both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
BLOGAI_HOST ?= 127.0.0.1
BLOGAI_PORT ?= 8000
export BLOGAI_HOST BLOGAI_PORT

.PHONY: help setup run test test-slow lint format bench lock schema docs clean
.DEFAULT_GOAL := help

help: ## what the targets are
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(STAMP) ## environment in .venv, exactly as locked

# uv is taken from the PATH, else from the environment itself, where pip puts it once.
$(STAMP): requirements.lock pyproject.toml
	@command -v uv >/dev/null 2>&1 || [ -x $(BIN)/uv ] || sh scripts/bootstrap-uv.sh $(PYTHON) $(VENV)
	@PATH="$$PATH:$(CURDIR)/$(BIN)" sh scripts/install.sh $(PYTHON) $(VENV)
	@touch $(STAMP)

run: setup ## serve the app on the embedded database and model
	@$(BIN)/blogai serve

test: setup ## all tests but the long proofs
	@$(BIN)/python -m pytest -n 2 $(ARGS)

test-slow: setup ## the long proofs
	@$(BIN)/python -m pytest -m slow --timeout 1800 $(ARGS)

lint: setup ## formatting, lint, types, SQL, generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/squawk src/blogai/db/migrations/*.sql
	@$(BIN)/python -m scripts.docs --check
	@$(BIN)/python -m scripts.database_page --check
	@$(BIN)/blogai db schema --check

format: setup ## put the sources into the house style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## ratios against yardsticks, one table
	@$(BIN)/python -m benchmarks $(ARGS)

lock: ## compile requirements.lock from pyproject.toml
	@uv pip compile pyproject.toml --universal --all-extras --generate-hashes --no-emit-index-url \
	  --overrides overrides.txt --quiet --output-file requirements.lock $(ARGS)
	@! grep -nE '(https?|file)://' requirements.lock

schema: setup ## dump the final schema into src/blogai/db/schema.sql
	@$(BIN)/blogai db schema --write

docs: setup ## write the generated pages of docs/
	@$(BIN)/python -m scripts.docs
	@$(BIN)/python -m scripts.database_page

clean: ## remove the environment and every cache
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
