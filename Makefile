# `make serve` and `make test` are all that most people need; `make help` lists the rest.

.DEFAULT_GOAL := help
.PHONY: help setup build serve test wpt test262 test-gczeal soak bench fuzz fmt lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing and link the engine
	@scripts/setup.sh serve

build: ## the two binaries, optimised, in target/release
	@scripts/setup.sh serve
	cargo build --release --package insula --package insula-cordon

serve: ## build, start a server with two example tenants, and show what to try (LISTEN, ADMIN, DATA, SERVE_ARGS)
	@scripts/serve.sh

test: ## everything that must hold: formatting, lints, repository rules, all tests
	@scripts/test.sh

wpt: ## the Web Platform Tests in isolates, compared with tests/wpt.toml (WPT_ARGS="url --show-failures", WPT_DIR=checkout)
	@scripts/wpt.sh $(WPT_ARGS)

test262: ## a sample of the tests of the language, in isolates (EVERY=20)
	@scripts/test262.sh

test-gczeal: ## the engine crate's tests on a debug engine that collects garbage all the time (slow)
	@scripts/gczeal.sh

soak: ## half an hour of mixed load, and what it has left behind (SECONDS_OF_LOAD=1800)
	@scripts/soak.sh

bench: ## measure against rivals in one run (BENCH_ARGS="--only hello")
	@scripts/bench.sh $(BENCH_ARGS)

fuzz: ## run every fuzz target for a while (SECONDS_EACH=60)
	@scripts/fuzz.sh

fmt: ## format the Rust sources
	cargo fmt --all

lint: ## clippy and the repository rules
	cargo clippy --workspace --all-targets -- -D warnings
	cargo xtask tidy

clean: ## remove build results; the engine stays in the user's cache
	cargo clean
	rm -rf bench/.cache bench/results
