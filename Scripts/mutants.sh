#!/bin/bash
# Builds replicas that can break a rule on purpose, in a build folder of their own, and fails unless each one is found out.
# usage: mutants.sh [MUTANT...]
set -eu
cd "$(dirname "$0")/.."
MUTANTS=1 swift build -c release --product MutantCampaign --scratch-path .build-mutants
.build-mutants/release/MutantCampaign "$@"
