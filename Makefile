# Every everyday task has a target here; `make help` lists them.
# Tools go to one cache folder outside the clone, so a second clone starts warm.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CACHE ?= $(HOME)/.cache/medallion-workbench
export CARGO_TARGET_DIR ?= $(CACHE)/target
export MEDALLION_VENV ?= $(CACHE)/venv
export PATH := $(HOME)/.cargo/bin:$(MEDALLION_VENV)/bin:$(PATH)
export CARGO_TERM_COLOR ?= auto

DEMO := $(CARGO_TARGET_DIR)/demo/medallion
STEP := scripts/step.sh

## demo: make a workspace under demo/ from real data, run it, open the app
.PHONY: demo
demo:
	@scripts/setup.sh demo
	@$(STEP) "front end" scripts/ui.sh build
	@$(STEP) "program (profile demo)" cargo build --locked --profile demo --package medallion
	@scripts/demo.sh "$(DEMO)"

## test: everything that can be checked; SKIP=desktop,web,editor,stores,databases leaves parts out
.PHONY: test
test:
	@scripts/test.sh

## test-fast: formatting and the tests of the engine, the program and the chores
.PHONY: test-fast
test-fast:
	@scripts/setup.sh fast
	@$(STEP) "format" cargo fmt --all --check
	@$(STEP) "tests" cargo nextest run --locked

## lint: formatting, clippy, house rules, dependencies, front end types
.PHONY: lint
lint: ui
	@scripts/setup.sh lint
	@$(STEP) "format" cargo fmt --all --check
	@$(STEP) "clippy" cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
	@$(STEP) "house rules" cargo xtask tidy
	@$(STEP) "dependencies" cargo deny --offline check bans licenses sources
	@$(STEP) "lock of the example" cargo tree --locked --depth 0 --manifest-path examples/storage-memory/Cargo.toml
	@$(STEP) "front end check" scripts/ui.sh check

## fix: format, apply what clippy can mend, write generated files
.PHONY: fix
fix:
	@$(STEP) "clippy --fix" cargo clippy --fix --allow-dirty --allow-staged --all-targets
	@$(STEP) "format" cargo fmt --all
	@$(STEP) "generated files" cargo xtask codegen

## coverage: line coverage as HTML in coverage/html
.PHONY: coverage
coverage:
	@scripts/setup.sh coverage
	@$(STEP) "coverage" scripts/coverage.sh

## bench: the engine beside DuckDB and Polars; ROWS=1000000
ROWS ?= 1000000
.PHONY: bench
bench:
	@scripts/setup.sh bench
	@$(STEP) "front end" scripts/ui.sh build
	@$(STEP) "program (profile demo)" cargo build --locked --profile demo --package medallion
	@cargo xtask bench $(ROWS)

## bench-bronze: files to Bronze: every format, step by step, and memory
.PHONY: bench-bronze
bench-bronze:
	@scripts/setup.sh bench
	@$(STEP) "front end" scripts/ui.sh build
	@$(STEP) "program (profile demo)" cargo build --locked --profile demo --package medallion
	@cargo xtask bench bronze

## docs: generated references, and the engine's documentation
.PHONY: docs
docs:
	@$(STEP) "references" cargo xtask codegen
	@$(STEP) "engine documentation" cargo doc --locked --no-deps --package medallion-core
	@echo "docs/reference, $(CARGO_TARGET_DIR)/doc/medallion_core/index.html"

## ui: build the front end (ui/dist)
.PHONY: ui
ui:
	@scripts/setup.sh ui
	@$(STEP) "front end" scripts/ui.sh build

## setup: install all tools that the other targets need
.PHONY: setup
setup:
	@scripts/setup.sh demo fast lint coverage bench ui test

## clean: remove what was built and made, not the tools
.PHONY: clean
clean:
	rm -rf demo coverage ui/dist bench/out
	cargo clean

## help: this list
.PHONY: help
help:
	@echo "Medallion Workbench"
	@sed -n 's/^## \([a-z-]*\): /  make \1|/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'
