# Everything sets itself up: the only needs are Python 3.11 or newer, pip, venv and make.
PYTHON ?= python3
VENV := .venv
BENCH_VENV := .venv-bench
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
LOCKED := --no-build-isolation --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run demo test faults bench lint types words screenshots lock clean

help: ## print these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 13

run: $(VENV)/runtime.done ## set up and start Sysmail (web and worker); Ctrl-C stops it
	@exec $(VENV)/bin/python -m sysmail.run

demo: $(VENV)/runtime.done ## the same on a throw-away instance with sample data and captured mail
	@exec $(VENV)/bin/python -m sysmail.run --demo

test: $(VENV)/test.done ## run the whole suite
	@exec $(VENV)/bin/python -m pytest -n 4 --dist loadgroup

faults: $(VENV)/test.done ## the long fault run: 1,000 kills over 10,000 mails on each database
	@exec $(VENV)/bin/python -m tests.faults.long_run

bench: $(VENV)/test.done $(BENCH_VENV)/done ## measure speed as ratios; RIVALS=all adds the slow rivals
	@exec $(VENV)/bin/python -m bench

words: $(VENV)/runtime.done ## bring the translations in step with the sources; what is new stands empty in them
	@$(VENV)/bin/pybabel --quiet extract --no-location --mapping-file babel.cfg --keyword lazy \
	  --output-file messages.pot .
	@$(VENV)/bin/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --no-wrap \
	  --input-file messages.pot --output-dir sysmail/translations
	@rm messages.pot

screenshots: $(VENV)/test.done ## make the README's pictures anew
	@SYSMAIL_SCREENSHOTS=1 $(VENV)/bin/python -m pytest tests/journeys/test_screenshots.py

lint: $(VENV)/test.done ## check style and formatting
	@$(VENV)/bin/ruff check sysmail tests wsgi.py
	@$(VENV)/bin/ruff format --check sysmail tests wsgi.py

types: $(VENV)/test.done ## check types
	@$(VENV)/bin/mypy

lock: $(VENV)/runtime.done ## renew requirements/*.txt from requirements/*.in
	@$(PIP) install pip-tools
	@for set in build runtime test bench; do \
	  $(VENV)/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header \
	    --output-file requirements/$$set.txt requirements/$$set.in || exit 1; \
	done

clean: ## remove the virtual environments (never the instance)
	@rm -rf $(VENV) $(BENCH_VENV)

$(VENV)/runtime.done: requirements/build.txt requirements/runtime.txt pyproject.toml
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies into $(VENV) ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/build.txt
	@$(PIP) install $(LOCKED) -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.done: $(VENV)/runtime.done requirements/test.txt
	@$(PIP) install $(LOCKED) -r requirements/test.txt
	@touch $@

$(BENCH_VENV)/done: requirements/bench.txt
	@$(PYTHON) -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/bench.txt
	@touch $@
