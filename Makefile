# `make demo`, `make test`, and for every commit `make quick`. Each sets up everything it needs by itself, in .venv.
# `make gpu` is for a machine with CUDA and needs nothing from outside: where there is no .venv it takes PYTHON's torch.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test quick quick-suite lint types suite gpu assets figures clean

demo: .venv/ready
	$(BIN)/python -m fieldcore fit picture sample:astronaut --out demo/astronaut.safetensors --overwrite
	$(BIN)/python -m fieldcore evaluate demo/astronaut.safetensors --variance 1e-3 --size 1024 --out demo/smooth.png --overwrite
	$(BIN)/python -m app --render-path assets/demo.json --out demo/frames --size 960x540 --video demo/demo.mp4 --overwrite
	@echo "Look at demo/demo.mp4, demo/frames and demo/smooth.png"
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] && [ -z "$$CI$$NO_WINDOW" ]; then \
		echo "Opening the instrument on demo/astronaut.safetensors (NO_WINDOW=1 leaves that out)"; \
		$(BIN)/python -m app demo/astronaut.safetensors sample:astronaut; fi

test: lint types suite

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

suite: .venv/ready
	@sh .ci/screen-tools
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# Lint, types, and the tests that neither train, draw, start a program nor compute for seconds: under two minutes on two cores.
# Types are checked beside the tests, as that keeps one core only.
quick: lint
	@$(MAKE) --no-print-directory -j2 types quick-suite

quick-suite: .venv/ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --quick -n auto --dist loadfile -q -r fE

GPU_PYTHON := $(shell test -x $(BIN)/python && echo $(BIN)/python || echo $(PYTHON))

# Twelve minutes at most, and gpu-report/gpu-report.md in the end; `make gpu GPU="--parts steps waits"` for some of it.
gpu:
	PYTHONPATH=. $(GPU_PYTHON) -m benchmarks.gpu $(GPU)

# The files in assets/ and docs/images/, made again from public-domain input.
assets: .venv/ready
	$(BIN)/python -m assets.make

figures: .venv/ready
	$(BIN)/python -m benchmarks.figures

.venv/ready: pyproject.toml constraints.txt .ci/system-libraries
	@PYTHON="$(PYTHON)" sh .ci/system-libraries
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade -c constraints.txt pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv demo dist gpu-report .pytest_cache .mypy_cache .ruff_cache
