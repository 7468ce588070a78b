# Two commands matter: `make run` and `make test`. Both do all the set-up first.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo-landlord

help:  ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# The lock file names every package with its hash, so a set-up is the same everywhere.
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rooftree needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.11 run"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up (about a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "rooftree-source.pth").write_text(str(pathlib.Path("src").resolve()) + "\n")'
	@printf '#!%s\nfrom rooftree.cli.main import main\nmain()\n' "$(abspath $(BIN)/python)" > $(BIN)/rooftree && chmod +x $(BIN)/rooftree
	@touch $@

setup: $(VENV)/.installed  ## create .venv with everything the project needs

STATIC := src/rooftree/web/layout
BUILT := $(STATIC)/static/built/stamp.txt

# npm of the machine where there is one, else the node that PyPI has; the lock names every package.
$(BUILT): $(VENV)/.installed $(STATIC)/assets/package-lock.json $(STATIC)/assets/build.py $(STATIC)/assets/rooftree.js $(wildcard $(STATIC)/assets/*.scss $(STATIC)/assets/parts/*.scss)
	@$(BIN)/python $(STATIC)/assets/build.py && touch $@

assets: $(BUILT)  ## build the style sheet and scripts of the web application

# Without a terminal (continuous integration), or with ROOFTREE_SERVE=no, it ends with the summary.
run: setup assets  ## the main job on the demonstration landlord, then its web application
	@$(BIN)/rooftree demo $(DEMO)
	@if [ "$(ROOFTREE_SERVE)" != no ] && { [ -t 1 ] || [ "$(ROOFTREE_SERVE)" = yes ]; }; then \
		exec $(BIN)/rooftree serve $(DEMO); \
	else \
		echo "The web application was not started: there is no terminal, or ROOFTREE_SERVE=no. Start it with: rooftree serve $(DEMO)"; \
	fi

check: setup  ## format, lint, types, import contracts, spelling, generated pages
	@$(BIN)/ruff format --check --quiet src tests benchmarks
	@$(BIN)/ruff check --quiet src tests benchmarks
	@$(BIN)/lint-imports --no-cache | tail -n 3
	@$(BIN)/codespell
	@$(BIN)/pyright --warnings
	@$(BIN)/python -m tests.meta.migrations
	@$(BIN)/python -m rooftree.cli.reference --check docs/reference

# Browser tests drive Debian's Chromium. As root (continuous integration) it is installed; otherwise the
# tests say that they were skipped.
browser:  ## install Chromium for the browser tests, where this user may
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null 2>&1; } || \
		echo "WARNING: there is no Chromium and it could not be installed: the browser tests will be skipped."

screenshots: setup assets browser  ## a picture of every page, wide and narrow, into screenshots/
	@ROOFTREE_SCREENSHOTS=screenshots $(BIN)/python -m pytest -q tests/browser

test: check assets browser  ## all checks, then every test
	@$(BIN)/python -m pytest -n 2 --dist loadfile -q

fuzz: setup  ## the generated tests for longer (some hours)
	@ROOFTREE_FUZZ=1 $(BIN)/python -m pytest -q tests/generative
	@$(BIN)/python -m tests.generative.segment_hours --minutes 60

faults: setup  ## kill a run at 100 random points and see the next one succeed
	@$(BIN)/python -m tests.faults.kill_runs --runs 100

bench: setup  ## the benchmarks, as ratios in one run (an hour; python -m benchmarks.run is the small scale)
	@$(BIN)/python -m benchmarks.run --scale full

docs: setup  ## write the generated reference pages
	@$(BIN)/python -m rooftree.cli.reference docs/reference

lock: setup  ## resolve the dependencies again
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade --extra postgres --group dev pyproject.toml -o requirements.lock

clean:  ## remove the demonstration landlord and caches
	@rm -rf $(DEMO) .pytest_cache .ruff_cache .hypothesis

.PHONY: help setup assets browser screenshots run check test fuzz faults bench docs lock clean
