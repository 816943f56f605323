# What one does with this repository. Programs that are missing (nginx, curl, Node.js) are installed from Debian where this user
# may install, and named otherwise; all else stays in this folder.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
PYTHON ?= python3
VENV := .venv
# Where cargo builds; the tests of other languages look for the program in it.
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
PINS := tests/clients/requirements.txt
STEP = printf '\n== %s\n'

.PHONY: help build run test test-rust test-clients h2spec soak bench differential fuzz clean

help:
	@echo 'make run     build Tollgate and start it with examples/petstore and its backend; prints curl lines to paste'
	@echo 'make test    every test: Rust, then boto3 and the AWS CLI against the program'
	@echo 'make h2spec  HTTP/2 case by case, by h2spec: H2SPEC=path names its binary (see CONTRIBUTING.md)'
	@echo 'make soak    mixed load with faults for SOAK_SECONDS (60): answers right, memory flat, no descriptor left, no error in the log;'
	@echo '             SOAK_PROFILE=release for the program as it goes out'
	@echo 'make bench   Tollgate beside nginx (and HAProxy, Envoy where they are installed), and its own figures'
	@echo 'make differential  templates and paths beside Apache Velocity and Jayway (needs Java)'
	@echo 'make fuzz    every fuzz target for a short while'
	@echo 'make build   the program alone: target/release/tollgate'
	@echo 'make clean   remove what the others made, but for bench results'

build:
	@$(STEP) 'building target/release/tollgate (the first time takes some minutes)'
	@tests/prerequisites.sh build
	@$(CARGO) build --release --locked --package tollgate

run: build
	@tests/prerequisites.sh run
	@examples/petstore/run.sh target/release/tollgate

test: test-rust test-clients

# cargo-nextest runs test binaries side by side; without it cargo's own runner does one after another.
test-rust:
	@$(STEP) 'building the tests (the first time takes some minutes)'
	@tests/prerequisites.sh test
	@$(CARGO) build --locked --package tollgate
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --locked --workspace --no-fail-fast && \
		$(STEP) 'examples in the documentation' && $(CARGO) test --locked --workspace --doc --quiet; \
	else \
		$(CARGO) test --locked --workspace --no-fail-fast; \
	fi

test-clients: $(VENV)/ready
	@$(STEP) 'boto3, the AWS CLI and curl against the program'
	@$(CARGO) build --locked --package tollgate
	@$(VENV)/bin/python -m pytest --color=auto tests/clients

# The clients in an environment of their own, of pinned versions with known hashes.
$(VENV)/ready: $(PINS)
	@$(STEP) 'boto3 and the AWS CLI into .venv'
	@tests/prerequisites.sh test
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $(PINS)
	@touch $@

h2spec:
	@tests/prerequisites.sh h2spec
	@$(STEP) 'h2spec over TLS against the program'
	@$(CARGO) build --locked --package tollgate
	@H2SPEC="$(H2SPEC)" $(PYTHON) tests/h2spec/run.py

# The program as the tests build it, whose checks of overflows and of its own assumptions are worth more here than its speed; or, before a
# release, as it goes out: SOAK_PROFILE=release.
SOAK_PROFILE ?= dev
soak:
	@tests/prerequisites.sh soak
	@$(STEP) 'mixed load with faults'
	@$(CARGO) build --profile $(SOAK_PROFILE) --locked --package tollgate
	@TOLLGATE_PROGRAM="$(TARGET)/$(if $(filter dev,$(SOAK_PROFILE)),debug,$(SOAK_PROFILE))/tollgate" $(PYTHON) tests/soak/run.py
	@$(STEP) '1,000 deployments under load'
	@TOLLGATE_TEST_DEPLOYMENTS=1000 $(CARGO) test --quiet --locked --package tollgate --test it swap -- --nocapture

bench:
	@$(STEP) 'building the programs to measure'
	@tests/prerequisites.sh bench
	@$(CARGO) build --release --locked --package tollgate
	@$(PYTHON) bench/bench.py

differential:
	@tests/prerequisites.sh differential
	@$(STEP) 'templates and paths beside Apache Velocity and Jayway JsonPath'
	@$(PYTHON) tests/differential/run.py

fuzz:
	@fuzz/run.sh
	@$(STEP) 'bad requests of every operation of the control plane'
	@TOLLGATE_BAD_INPUT_SECONDS=30 $(CARGO) test --quiet --locked --package tollgate-control --test it bad_input -- --nocapture

clean:
	@$(CARGO) clean
	@rm -rf $(VENV)
