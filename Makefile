# Every target makes the virtual environment it needs; messages about that go to stderr.
.PHONY: run test bench lint audit pictures soak soak-kill lock clean
.SILENT:

PYTHON ?= python3
BIN := .venv/bin

run: .venv/run
	$(BIN)/matome run

# Many tests wait for a process of their own: more of them at a time than there are processors.
WORKERS ?= 3

test: .venv/dev
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

bench: .venv/dev
	$(BIN)/python -m benchmarks

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Known faults of what is pinned: 0 none, 1 some, 3 nobody could be asked. docs/security.md.
audit: .venv-audit/made
	.venv-audit/bin/python -m tests.audit

# Makes the documents' pictures anew: the terminal's, and those of Discord and Slack, for which
# chromium, pngquant and the fonts of Noto (CJK, emoji) and Lato have to be there.
pictures: .venv/dev
	$(BIN)/python docs/make_session.py
	$(BIN)/python -m docs.pictures --fresh

# Uses the whole program as people would, for so many seconds: docs/operating.md.
SECONDS ?= 600

soak: .venv/dev
	$(BIN)/python -m benchmarks.soak --seconds $(SECONDS)

# Kills workers in the middle of deliveries, in rounds, for so many seconds: docs/delivery.md.
KILLS ?= 300

soak-kill: .venv/dev
	$(BIN)/python -m tests.delivery.soak --seconds $(SECONDS) --kills $(KILLS) --seed $$(date +%s)

# The two environments are one: what tests need comes on top of what running needs.
.venv/run: requirements.txt pyproject.toml
	test -x $(BIN)/pip || echo "Making .venv; this takes a minute the first time." >&2
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >&2
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt >&2
	touch $@

# The tool of the audit is kept from what it looks at.
.venv-audit/made: requirements-audit.txt
	test -x .venv-audit/bin/pip || $(PYTHON) -m venv .venv-audit >&2
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.txt >&2
	touch $@

# Renews the pinned versions and hashes, for every Python from 3.11 on (needs uv).
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

lock:
	$(COMPILE) --extra build --output-file requirements.txt pyproject.toml
	$(COMPILE) --extra build --extra dev --output-file requirements-dev.txt pyproject.toml
	$(COMPILE) --output-file requirements-audit.txt requirements-audit.in

clean:
	rm -rf .venv .venv-audit data .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
