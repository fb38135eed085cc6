#!/usr/bin/env bash
# bench/compare.sh <git ref> [pattern] [rounds]: is this checkout faster than another commit?
#
# Checks the ref out into a temporary worktree, installs and builds it there, and runs this checkout's benchmark program
# in fresh processes over the sources of both, in alternating order. Prints the medians with all raw values, and the ratio.
#
#   bench/compare.sh main                    everything, three rounds
#   bench/compare.sh HEAD~3 "kernels spmm"   only what matches, see bench/main.ts
#   bench/compare.sh v0.1.0 epochs 5
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 3 ]; then
  echo "usage: bench/compare.sh <git ref> [pattern] [rounds]" >&2
  exit 2
fi
here=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
ref=$1 pattern=${2:-} rounds=${3:-3}
cd "$here"
commit=$(git rev-parse --verify --quiet "$ref^{commit}") || { echo "compare.sh: \"$ref\" is no commit of this repository" >&2; exit 2; }
# beside this checkout, so that data beside the one is beside the other too
other=$(mktemp -d "$here/../compare-XXXXXX")
results=$(mktemp -d)
clean() { git worktree remove --force "$other" 2>/dev/null || rm -rf "$other"; rm -rf "$results"; }
trap clean EXIT
git worktree add --detach --force "$other" "$commit" >/dev/null 2>&1
echo "installing and building $ref (${commit:0:12})" >&2
(cd "$other" && npm ci --ignore-scripts --no-audit --no-fund && npm run build:kernels) >"$results/build.log" 2>&1 ||
  { tail -20 "$results/build.log" >&2; echo "compare.sh: $ref does not build" >&2; exit 4; }
npm run build:kernels >/dev/null
# one program measures both: what differs is the product's code
rm -rf "$other/bench" && cp -r bench "$other/bench" && rm -rf "$other/bench/results"

node=$here/node_modules/.bin/node
measure() { # name, directory, round
  (cd "$2" && "$node" --no-liftoff bench/main.ts --only "$pattern" --no-ceilings --json "$results/$1-$3.json" >/dev/null) ||
    { echo "compare.sh: the benchmark failed in $1; does its interface differ? Narrow the pattern" >&2; exit 4; }
}
for ((round = 1; round <= rounds; round++)); do
  echo "round $round of $rounds" >&2
  if ((round % 2)); then
    measure other "$other" "$round"; measure this "$here" "$round"
  else
    measure this "$here" "$round"; measure other "$other" "$round"
  fi
done
"$node" bench/compare.ts "$ref" "$results"
