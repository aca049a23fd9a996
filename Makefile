# Every target is a line of help; `make help` prints them.
PYTHON ?= python3
ARGS ?=
export PORT SIZE ONLY

.DEFAULT_GOAL := help
.PHONY: help run test lint lock bench realdata manage reset

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## from a bare machine to the running product with demo data (PORT=8000)
	@$(PYTHON) -m launch run

test: ## from a bare machine to a green suite (ARGS="-k handoff" narrows)
	@$(PYTHON) -m launch test $(ARGS)

lint: ## ruff, mypy, djade, missing migrations, contrast of the colours
	@$(PYTHON) -m launch packages
	@PYTHON=.venv/bin/python .ci/lint

lock: ## write requirements/*.txt anew from the *.in beside them (ARGS="--upgrade")
	@$(PYTHON) -m launch packages
	@cd requirements && for name in base embedded dev; do UV_CUSTOM_COMPILE_COMMAND="make lock" \
		../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		$(ARGS) $$name.in -o $$name.txt || exit 1; done

bench: ## the benchmarks beside their floors (SIZE=small|full, ONLY=name)
	@$(PYTHON) -m launch bench $(ARGS)

realdata: ## load ../shared/data, compare every figure with its truth, qualify a lead of it in the browser
	@$(PYTHON) -m launch realdata $(ARGS)

manage: ## manage.py against the servers of make run (ARGS="report win-rate"), like ./manage.sh
	@./manage.sh $(ARGS)

reset: ## remove databases, logs and packages of this checkout
	@$(PYTHON) -m launch reset
