# What a person types. `make` alone prints this help.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo up test faults attack check golden powers format bench lock clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.local ## start everything on free ports, play the stories, print a summary, stop
	@$(BIN)/tongban demo

up: $(VENV)/.local ## start everything with sample data and leave it running (Ctrl-C stops it)
	@$(BIN)/tongban up --seed

test: $(VENV)/.dev ## every test, on real PostgreSQL and NATS (about half an hour on two cores)
	@$(BIN)/pytest

faults: $(VENV)/.dev ## kill, stop, wipe, fill and clock-jump a running stack under load, and compare (about 19 minutes)
	@$(BIN)/python -m tests.faults $(ARGS)

attack: $(VENV)/.dev ## try every door and the road of a running stack in many ways, and tell what was answered
	@$(BIN)/python -m tests.doors.attack
	@EVERY_LOGIN=1 $(BIN)/pytest tests/road/test_attacks.py -n 0

check: $(VENV)/.dev ## format, lint, types, import rules, events still readable by all
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m deploy.compatibility

golden: $(VENV)/.dev ## record new events and new optional fields in tests/contracts/golden
	@$(BIN)/python -m deploy.compatibility --record

powers: $(VENV)/.dev ## write docs/powers.md anew from the departments' powers tables
	@$(BIN)/python -m deploy.powers_document

format: $(VENV)/.dev ## rewrite the code in the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.bench ## speed, side by side with peers and limits (about 5 minutes)
	@$(BIN)/python -m benchmarks

# images hold neither what litestar makes examples with nor what draws on terminals
NOT_IN_IMAGES := faker polyfactory
NOT_IN_DEPARTMENTS := $(NOT_IN_IMAGES) rich rich-click pygments markdown-it-py mdurl

lock: $(VENV)/.uv ## write requirements/*.txt anew (hashes, no index addresses)
	@cd requirements && for group in local dev bench runtime papers certificates tools; do \
	    options=$$(case $$group in local) echo --extra local ;; dev) echo --extra local --extra dev ;; \
	             bench) echo --extra local --extra dev --extra bench ;; \
	             runtime) echo -c dev.txt $(NOT_IN_DEPARTMENTS:%=--no-emit-package %) ;; \
	             tools) echo -c dev.txt --extra tools $(NOT_IN_IMAGES:%=--no-emit-package %) ;; \
	             *) echo -c dev.txt --extra $$group $(NOT_IN_DEPARTMENTS:%=--no-emit-package %) ;; esac); \
	    ../$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	        --no-annotate $$options ../pyproject.toml -o $$group.txt; done
	@cd requirements && ../$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate uv.in -o uv.txt

clean: ## remove the environment, caches and local data
	rm -rf $(VENV) .tongban .mypy_cache .ruff_cache .pytest_cache .hypothesis

# uv installs in seconds what pip installs in minutes; where it cannot reach the index pip does the work.
$(VENV)/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tongban needs Python 3.11 or newer; set PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.%: $(VENV)/.uv requirements/%.txt pyproject.toml
	@echo "installing requirements/$*.txt into $(VENV) ..."
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/$*.txt \
	    || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/$*.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
