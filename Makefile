# Every target first checks the Swift toolchain and installs the Debian packages that are missing.
.PHONY: help setup build testnet test e2e conformance bench-evm fuzz-differential fuzz mutants model guest guest-agreement guest-cost machine-differential clean

HYPERSEQ = .build/release/hyperseq
EVM_BENCH ?= ../shared/evm-bench
FIXTURES ?= ../shared/fixtures
SEED ?= 1
CASES ?= 1000000
SPEC_CASES ?= 20000
SECONDS ?= 600

help:
	@echo "make testnet   build, then run a network of four validators (Ctrl-C stops it)"
	@echo "make build     build the release program: $(HYPERSEQ)"
	@echo "make test      run every test"
	@echo "make e2e       run only the end-to-end tests (real processes, Python client)"
	@echo "make conformance run all of Ethereum's test files in FIXTURES ($(FIXTURES))"
	@echo "make bench-evm compare the interpreter with revm on the benchmarks in EVM_BENCH ($(EVM_BENCH))"
	@echo "make fuzz-differential SEED=$(SEED) CASES=$(CASES) SPEC_CASES=$(SPEC_CASES)"
	@echo "               random programs and transactions through our engine, revm and Ethereum's executable specification"
	@echo "make fuzz SECONDS=$(SECONDS)"
	@echo "               libFuzzer on everything that reads bytes from outside, SECONDS in total"
	@echo "make mutants   replicas that break a rule must be found out by the simulator and the twins"
	@echo "make model     check the model of the ordering protocol (Specs/model) with spin"
	@echo "make guest     compile the program that is proven: .build/guest/hyperseq-guest.elf"
	@echo "make guest-agreement SEED=1 BATCHES=1000   compare guest and native execution on random batches"
	@echo "make guest-cost  cycles of an empty block, an ETH transfer and an ERC-20 transfer"
	@echo "make machine-differential SEED=1 PROGRAMS=1000   random programs on our RV32IM machine and on QEMU's"
	@echo "make setup     install what building needs"
	@echo "make clean     remove the build"

setup:
	@Scripts/setup.sh

build: setup
	swift build -c release

testnet: build
	$(HYPERSEQ) testnet up Testnets/quickstart.toml

test:
	@Scripts/test.sh

e2e: build
	@Scripts/setup.sh python
	.venv/bin/python -m pytest -x -q -W ignore::DeprecationWarning Tests/EndToEnd

conformance: build
	$(HYPERSEQ) evm statetest $(FIXTURES)

bench-evm: build
	@Scripts/setup.sh peers
	.venv-peers/bin/python Scripts/bench-evm.py $(HYPERSEQ) $(EVM_BENCH)

fuzz-differential: build
	@Scripts/setup.sh peers
	.venv-peers/bin/python Tests/Differential/campaign.py --program $(HYPERSEQ) --seed $(SEED) --cases $(CASES) --specification-cases $(SPEC_CASES)

fuzz: setup
	@Scripts/fuzz.sh $(SECONDS)

mutants: setup
	@Scripts/mutants.sh

model:
	@Scripts/model.sh

guest:
	@Scripts/build-guest.sh

BATCHES ?= 1000
PROGRAMS ?= 1000
guest-agreement: build guest
	$(HYPERSEQ) guest agree --seed $(SEED) --batches $(BATCHES)

guest-cost: build guest
	$(HYPERSEQ) guest cost

machine-differential:
	@Scripts/setup.sh qemu
	HYPERSEQ_QEMU=$$(command -v qemu-riscv32) SEED=$(SEED) PROGRAMS=$(PROGRAMS) swift test -c release --filter QemuTests

clean:
	rm -rf .build
