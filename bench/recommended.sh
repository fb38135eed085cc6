#!/bin/sh
# What docs/results/recommended.md and judge-audit.md quote: some hours on two cores with five seeds.
# Each job is a command of its own, in order of importance; what is there already is reused, so stop at any time and start again.
#   sh bench/recommended.sh ../shared/data runs/recommended              # all of them
#   SEEDS=3 sh bench/recommended.sh ../shared/data runs/recommended sports beauty
set -eu
data=${1:?folder of the data sets} out=${2:?folder for the runs}
shift 2
[ $# -gt 0 ] || set -- sports beauty sports-sequences grocery grocery-time lastfm mf-guarded headroom judges beauty-ease
mkdir -p "$out"
dualtree() { nice node src/cli/bin.ts "$@"; }
preset() { # name, data, options
  name=$1 source=$2
  shift 2
  dualtree run "$source" --preset recommended --seeds "${SEEDS:-5}" --out "$out/$name" "$@" >"$out/$name.log"
  dualtree compare "$out/$name" >"$out/$name-compare.log"
}
plain='popularity,item-knn,ease,rp3beta'
job() {
  case $1 in
  sports) preset sports "$data/sports" --baselines $plain --profile ;;
  beauty) preset beauty "$data/beauty" --split leave-one-out --baselines $plain,ordered-walk --cutoffs 10,20 ;;
  sports-sequences) preset "$1" "$data/$1" --split leave-one-out --baselines popularity,item-knn,rp3beta,ordered-walk --cutoffs 10,20 ;;
  grocery) preset grocery "$data/grocery/interactions.csv" --split leave-one-out --baselines $plain,ordered-walk --cutoffs 10,20 ;;
  grocery-time) preset grocery-time "$data/grocery/interactions.csv" --split global-time --baselines $plain,ordered-walk ;;
  lastfm) preset lastfm "$data/lastfm" --split random --baselines $plain ;;
  mf-guarded) # and its base model without a guard at the best number of draws
    for draws in 64 16; do
      dualtree run "$data/sports" --preset mf-guarded --candidate-negatives $draws --evaluate-on valid --seeds 3 \
        --baselines popularity,rp3beta --out "$out/mf-$draws" >"$out/mf-$draws.log"
    done ;;
  headroom) dualtree study headroom "$data/sports" --preset mf-guarded --seeds 3 --out "$out/headroom" >"$out/headroom.log" ;;
  judges)
    dualtree judge bench "$out/sports" --judge learned --audit-judges \
      'prefix,model-score,learned:evidence=codes,learned:evidence=co-interaction,evidence=cosine,evidence=spectral,evidence=popularity,learned:consult=prefix' \
      >"$out/judges.log" ;;
  beauty-ease)
    dualtree baselines "$data/beauty" --split leave-one-out --baselines ease --ease-decay 0.8 --cutoffs 10 --out "$out/beauty-ease" \
      >"$out/beauty-ease.log" ;;
  *) echo "no job \"$1\"" >&2 && exit 2 ;;
  esac
}
for name; do job "$name"; done
