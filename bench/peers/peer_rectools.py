"""RecTools: EASE."""
import numpy as np
import pandas as pd
from common import K, main, timed
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import EASEModel
from threadpoolctl import threadpool_limits


def ease(train):
    users, items = train.nonzero()
    frame = pd.DataFrame({Columns.User: users, Columns.Item: items, Columns.Weight: 1.0, Columns.Datetime: "2020-01-01"})
    data = Dataset.construct(frame)
    model = EASEModel(regularization=100)
    with threadpool_limits(1):
        _, seconds = timed(lambda: model.fit(data))
        found = model.recommend(np.unique(users), data, k=K, filter_viewed=True)
    lists = np.full((train.shape[0], K), -1, dtype=np.int32)
    lists[found[Columns.User], found[Columns.Rank] - 1] = found[Columns.Item]
    return lists, seconds


main({"ease": ease})
