#!/bin/sh
# What docs/results/recommended.md and judge-audit.md quote, with five seeds, one run after the other: some hours on two cores.
# What is there already is reused: stop it at any time and start it again.
#   sh bench/recommended.sh ../shared/data runs/recommended
set -eu
data=${1:?folder of the data sets} out=${2:?folder for the runs}
mkdir -p "$out"
dualtree() { nice node src/cli/bin.ts "$@"; }
preset() { # name, data, options
  name=$1 source=$2
  shift 2
  dualtree run "$source" --preset recommended --seeds 5 --out "$out/$name" "$@" >"$out/$name.log"
  dualtree compare "$out/$name" >"$out/$name-compare.log"
}
ordered='popularity,item-knn,ease,rp3beta,ordered-walk'
preset sports "$data/sports" --baselines popularity,item-knn,ease,rp3beta --profile
preset lastfm "$data/lastfm" --split random --baselines popularity,item-knn,ease,rp3beta
preset lastfm-before "$data/lastfm" --split random --baselines popularity,item-knn,ease,rp3beta \
  --tune= --candidate-model rp3beta --fuse-with rp3beta --rerank none --candidate-negatives 32
dualtree compare "$out/lastfm" "$out/lastfm-before" >"$out/lastfm-both.log"
preset grocery-time "$data/grocery/interactions.csv" --split global-time --baselines "$ordered"
preset grocery "$data/grocery/interactions.csv" --split leave-one-out --baselines "$ordered" --cutoffs 10,20
preset beauty "$data/beauty" --split leave-one-out --baselines "$ordered" --cutoffs 10,20
preset sports-sequences "$data/sports-sequences" --split leave-one-out --baselines popularity,item-knn,rp3beta,ordered-walk --cutoffs 10,20
dualtree baselines "$data/beauty" --split leave-one-out --baselines ease --ease-decay 0.8 --cutoffs 10 --out "$out/beauty-ease" >"$out/beauty-ease.log"

# the cheap preset, and its base model without a guard at the best number of draws
for draws in 64 16; do
  dualtree run "$data/sports" --preset mf-guarded --candidate-negatives $draws --evaluate-on valid --seeds 3 \
    --baselines popularity,rp3beta --out "$out/mf-$draws" >"$out/mf-$draws.log"
done
dualtree study headroom "$data/sports" --preset mf-guarded --seeds 3 --out "$out/headroom" >"$out/headroom.log"
dualtree judge bench "$out/sports" --judge learned --audit-judges \
  'prefix,model-score,learned:evidence=codes,learned:evidence=co-interaction,evidence=cosine,evidence=spectral,evidence=popularity,learned:consult=prefix' \
  >"$out/judges.log"
