# `make demo` and `make test` need Python 3.11 or later with venv, and nothing else.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
LOWEST := .venv-lowest
EXAMPLES := .venv-examples
RLLIB := .venv-rllib
DEMO := runs/demo
# The versions of other people's agents that are tried; /dev/null for the newest of each.
EXAMPLES_CONSTRAINTS ?= constraints.txt
COMMA := ,
# Where PyTorch's builds without CUDA are, for Linux; PyPI's brings gigabytes of it. Empty for PyPI's.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# Small networks: one thread each is fastest.
export OMP_NUM_THREADS ?= 1

.PHONY: demo test test-lowest test-examples test-rllib test-ray test-docs test-package check format docs figures clean

## Trains the A2C-LSTM on MetaBandit-v0 and scores it; a second call scores the trained agent.
demo: $(VENV)/baselines
	@if [ -f $(DEMO)/evaluation.json ]; then \
		echo "$(DEMO) is trained already; make clean forgets it"; \
		$(RUN) -m baselines evaluate --env MetaBandit-v0 --agent $(DEMO) random ucb thompson optimal; \
	elif [ -f $(DEMO)/config.json ]; then \
		$(RUN) -m baselines train --resume $(DEMO); \
	else \
		$(RUN) -m baselines train --env MetaBandit-v0 --out $(DEMO); \
	fi

## Passes the tests.
test: $(VENV)/dev
	$(RUN) -m pytest

## Passes the tests with the lowest versions that pyproject.toml allows.
# What newer dependencies of old packages deprecate is not ours to mend.
test-lowest: $(LOWEST)/dev
	$(LOWEST)/bin/python -m pytest -W ignore::DeprecationWarning

## Runs examples/: other people's agents, each briefly. None may be skipped.
test-examples: $(EXAMPLES)/examples
	REQUIRE_EXAMPLES=1 $(EXAMPLES)/bin/python -m pytest tests/examples -k "not rllib"

## Runs RLlib's example, with the Gymnasium that Ray asks for.
test-rllib: $(RLLIB)/rllib
	REQUIRE_EXAMPLES=1 $(RLLIB)/bin/python -m pytest tests/examples -k rllib

## Passes the tests of sweeps on a real Ray, of this machine.
test-ray: $(VENV)/ray
	REQUIRE_RAY=1 $(RUN) -m pytest -n 0 tests/baselines/training/sweep -k ray

## Builds sdist and wheel, and installs them into empty environments of each Python that is found.
test-package: $(VENV)/dev
	REQUIRE_PACKAGE=1 $(RUN) -m pytest -n 0 tests/package

## Lint, spelling, format and types.
check: $(VENV)/dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m codespell_lib
	$(RUN) -m mypy

format: $(VENV)/dev
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

## Builds the site into docs/_build/html; the first time it draws an animation an environment.
docs: $(VENV)/dev
	$(RUN) -m sphinx -W --keep-going -q -j 2 docs docs/_build/html

## Opens every page of the site in a browser, if there is one, and follows its links.
test-docs: docs
	REQUIRE_SITE=1 $(RUN) -m pytest -n 0 tests/docs

## Draws the figures of the documents that show renderings.
figures: $(VENV)/dev
	$(RUN) docs/draw_i_maze.py
	$(RUN) docs/draw_harlow.py

clean:
	rm -rf $(DEMO) docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("meta-envs needs Python 3.11 or later, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# Installs torch, without CUDA where it can, and then a set of extras: into $(1), $(2), held to $(3);
# and what the file $(4) names, if there is one.
define install
	$(if $(and $(TORCH_INDEX),$(filter Linux,$(shell uname -s))),@$(1)/bin/python -m pip install \
		--quiet --disable-pip-version-check --retries 1 --no-deps --index-url $(TORCH_INDEX) \
		-c $(3) torch || echo "no torch in $(TORCH_INDEX): taking PyPI's")
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check -c $(3) -e '.[$(2)]' \
		$(if $(4),-r $(4))
endef

# A stamp a set of extras, made anew when what is to be installed changes.
$(VENV)/baselines: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call install,$(VENV),baselines,constraints.txt)
	@touch $@

$(VENV)/dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call install,$(VENV),baselines$(COMMA)dev,constraints.txt)
	@touch $@ $(VENV)/baselines

$(VENV)/ray: $(VENV)/dev
	$(call install,$(VENV),ray$(COMMA)dev,constraints.txt)
	@touch $@

$(LOWEST)/dev: pyproject.toml tests/lowest.py | $(VENV)/bin/python
	$(RUN) -m venv --clear $(LOWEST)
	$(RUN) -m tests.lowest > $(LOWEST)/constraints.txt
	grep '^torch==' constraints.txt >> $(LOWEST)/constraints.txt
	$(call install,$(LOWEST),baselines$(COMMA)dev,$(LOWEST)/constraints.txt)
	@touch $@

$(EXAMPLES)/examples: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(RUN) -m venv --clear $(EXAMPLES)
	$(call install,$(EXAMPLES),examples$(COMMA)minigrid$(COMMA)mujoco$(COMMA)dev,$(EXAMPLES_CONSTRAINTS))
	@touch $@

$(RLLIB)/rllib: pyproject.toml constraints.txt examples/rllib/requirements.txt | $(VENV)/bin/python
	$(RUN) -m venv --clear $(RLLIB)
	sed '/^gymnasium==/d' $(EXAMPLES_CONSTRAINTS) > $(RLLIB)/constraints.txt
	$(call install,$(RLLIB),baselines$(COMMA)dev,$(RLLIB)/constraints.txt,examples/rllib/requirements.txt)
	@touch $@
