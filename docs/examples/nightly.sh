#!/bin/sh
# Every night: evaluate and fit on all data, promote unless worse. A server of runs/current takes the new model by itself.
#   0 3 * * *  cd /srv/shop && ./nightly.sh >> nightly.log 2>&1
set -eu
dualtree=${DUALTREE:-npx dualtree}
day=${1:-$(date +%F)}

# what the server saw, beside what the shop exports: data/*.parquet, with user_id, item_id and time
[ ! -e events.db ] || $dualtree events export events.db --out data/events.parquet

# the table on held-out data, then the model on all data
$dualtree run 'data/*.parquet' --out "runs/$day" --user user_id --item item_id --time time --event-column none ${OPTIONS:-} --quiet
$dualtree fit "runs/$day"

# exit code 1 and the table when the new one is shown to be worse: runs/current stays
$dualtree promote "runs/$day" --over runs/current
