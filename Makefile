# Two commands: `make demo` and `make test`. Each sets up everything it needs by itself, in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types suite assets figures clean

demo: .venv/ready
	$(BIN)/python -m fieldcore fit picture sample:astronaut --seconds 15 --out demo/astronaut.safetensors --overwrite
	$(BIN)/python -m fieldcore evaluate demo/astronaut.safetensors --variance 1e-3 --size 1024 --out demo/smooth.png --overwrite
	$(BIN)/python -m app --render-path assets/demo.json --out demo/frames --size 960x540 --video demo/demo.mp4 --overwrite
	@echo "Look at demo/demo.mp4, demo/frames and demo/smooth.png"

test: lint types suite

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

suite: .venv/ready
	@sh .ci/screen-tools
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

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
	rm -rf .venv demo dist .pytest_cache .mypy_cache .ruff_cache
