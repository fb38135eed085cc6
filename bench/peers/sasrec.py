"""SASRec of RecTools on sequences, leave-one-out, to put beside the next-item rows of docs/results/recommended.md.

    python bench/peers/sasrec.py ../shared/data/beauty/sequences.txt [--tuned]

A line of the file is "user item item …" in the order of time. The last item of each user is test, the one before it valid. Trained
on what is left; validation chooses the epochs. Then test is ranked once: from train + valid, all items, what was observed masked, the
row "history train + valid" of dualtree. An environment with requirements/sasrec.txt. Prints lines of JSON.
"""
import argparse
import copy
import json
import math
import time
import warnings

import pandas as pd
import torch
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel

K = 10
# sessions of 100 in the library; 96 % of the users of Beauty have no more than 20, and the time is in proportion
DEFAULTS = {"session_max_len": 20}
TUNED = {
    "n_factors": 64, "n_heads": 2, "n_blocks": 2, "session_max_len": 20, "dropout_rate": 0.5,
    "loss": "gBCE", "n_negatives": 32, "gbce_t": 0.75, "batch_size": 128, "lr": 1e-3,
}


def read(path, users=0):
    rows = []
    with open(path, encoding="utf8") as lines:
        for number, line in enumerate(lines):
            if users and number >= users:
                break
            user, *items = line.split()
            rows.extend((int(user), int(item), place) for place, item in enumerate(items))
    return pd.DataFrame(rows, columns=[Columns.User, Columns.Item, "place"])


def dataset_of(frame):
    frame = frame.assign(**{Columns.Weight: 1.0, Columns.Datetime: pd.to_datetime(frame["place"], unit="D")})
    return Dataset.construct(frame[[Columns.User, Columns.Item, Columns.Weight, Columns.Datetime]])


def evaluate(model, observed, held_out):
    """Recall and NDCG at K of one held-out item per user; an item that train does not have is missed."""
    users = held_out[Columns.User].to_numpy()
    lists = model.recommend(users, dataset_of(observed), k=K, filter_viewed=True, on_unsupported_targets="ignore")
    found = lists.merge(held_out[[Columns.User, Columns.Item]], on=[Columns.User, Columns.Item])
    gains = sum(1 / math.log2(rank + 1) for rank in found[Columns.Rank])
    return {"recall@10": len(found) / len(users), "ndcg@10": gains / len(users)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("sequences")
    parser.add_argument("--tuned", action="store_true", help="64 dimensions, more dropout and gBCE, in place of the library's defaults")
    parser.add_argument("--epochs", type=int, default=100, help="at most")
    parser.add_argument("--look-every", type=int, default=1, help="epochs between validations")
    parser.add_argument("--patience", type=int, default=2, help="validations without a better NDCG@10")
    parser.add_argument("--minutes", type=float, default=20, help="processor time after which no further epoch begins")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--users", type=int, default=0, help="first users of the file only, to try the script")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)

    frame = read(given.sequences, given.users)
    left = frame.groupby(Columns.User)["place"].transform("max") - frame["place"]
    train, valid, test = frame[left >= 2], frame[left == 1], frame[left == 0]
    model = SASRecModel(**(TUNED if given.tuned else DEFAULTS), epochs=given.look_every, verbose=0)
    best, waited, epochs = None, 0, 0
    while epochs < given.epochs and waited < given.patience and time.process_time() < 60 * given.minutes:
        model.fit_partial(dataset_of(train), min_epochs=given.look_every, max_epochs=given.look_every)
        figures = evaluate(model, train, valid)
        epochs += given.look_every
        waited += 1
        if best is None or figures["ndcg@10"] > best["ndcg@10"]:
            waited, best = 0, {**figures, "epochs": epochs, "weights": copy.deepcopy(model.torch_model.state_dict())}
        print(json.dumps({"epochs": epochs, **figures, "seconds": round(time.process_time())}), flush=True)
    model.torch_model.load_state_dict(best.pop("weights"))
    assert evaluate(model, train, valid)["ndcg@10"] == best["ndcg@10"], "the weights are not those that validation chose"
    print(json.dumps({
        "config": "tuned" if given.tuned else "defaults", "seed": given.seed, "users": len(test), "valid": best,
        "stoppedBy": "validation" if waited >= given.patience else "the bound", "epochs": epochs,
        "test": evaluate(model, frame[left >= 1], test), "processorSeconds": round(time.process_time()),
    }))


if __name__ == "__main__":
    main()
