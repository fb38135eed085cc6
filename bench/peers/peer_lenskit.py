"""LensKit: iALS and item neighbours, one thread."""
import os

import numpy as np
import pandas as pd

for name in ("PROCS", "THREADS", "BACKEND_THREADS"):
    os.environ[f"LK_NUM_{name}"] = "1"
import torch
from common import best, main, timed
from lenskit.als import ImplicitMFScorer
from lenskit.data import from_interactions_df
from lenskit.knn import ItemKNNScorer
from lenskit.parallel import initialize

initialize()
torch.set_num_threads(1)


def data_of(train):
    users, items = train.nonzero()
    return from_interactions_df(pd.DataFrame({"user_id": users, "item_id": items}))


def ials(train):
    data = data_of(train)
    model = ImplicitMFScorer(embedding_size=64, epochs=16, regularization=0.1, weight=1)
    _, seconds = timed(lambda: model.train(data), 16)
    scores = np.full(train.shape, -np.inf, dtype=np.float32)
    scores[np.ix_(data.users.ids(), data.items.ids())] = np.asarray(model.user_embeddings @ model.item_embeddings.T)
    return best(scores, train), seconds


def item_knn(train):
    data = data_of(train)
    model = ItemKNNScorer(max_nbrs=20, save_nbrs=20, feedback="implicit")
    _, seconds = timed(lambda: model.train(data))
    return None, seconds


main({"ials": ials, "item-knn": item_knn})
