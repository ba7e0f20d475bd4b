# make demo       train the course's DQN on CartPole with minigrad, and draw what happened
# make notebooks  the course, in JupyterLab
# make test       compare minigrad with PyTorch, and check the code
# They make their own environment in .venv first; PYTHON chooses the interpreter (3.10 or newer).

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

.PHONY: demo notebooks test check clean

demo: $(VENV)/demo
	$(BIN)/minigrad demo $(ARGS)

notebooks: $(VENV)/notebooks
	$(BIN)/python -m jupyterlab --notebook-dir=notebooks $(ARGS)

test: $(VENV)/test check
	$(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/test
	$(BIN)/python -m ruff check
	$(BIN)/python -m mypy

clean:
	rm -rf $(VENV) build dist *.egg-info

# A stamp per set of extras: a second make installs nothing.
$(VENV)/demo $(VENV)/notebooks $(VENV)/test: $(VENV)/%: $(VENV)/made pyproject.toml
	@echo "Installing minigrad[$*] into $(VENV) ..."
	$(BIN)/python -m pip install --quiet --editable ".[$*]"
	touch $@

$(VENV)/made:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("minigrad needs Python 3.10 or newer")'
	$(PYTHON) -m venv $(VENV)
	touch $@
