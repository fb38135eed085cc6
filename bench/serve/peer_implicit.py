"""implicit: one request at a time, one thread. Prints p50 and p99 in ms: of 50,000 items x 64, and of item neighbours on the data of FOLDER."""
import json
import sys
import time

import numpy as np
import scipy.sparse as sp

sys.path.insert(0, __file__.rsplit("/", 2)[0] + "/peers")
from common import K, load
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender

WARM, CALLS = 500, 3000


def call(model, matrix):
    users = matrix.shape[0]
    times = []
    for at in range(WARM + CALLS):
        user = at * 7919 % 1_000_003 % users
        row = matrix[user]
        start = time.perf_counter()
        model.recommend(user, row, N=K, filter_already_liked_items=True)
        times.append(1000 * (time.perf_counter() - start))
    times = np.sort(times[WARM:])
    return [float(times[len(times) // 2]), float(times[len(times) * 99 // 100])]


def vectors(users=1000, items=50_000):
    random = np.random.default_rng(1)
    model = AlternatingLeastSquares(factors=64, num_threads=1, use_gpu=False)
    model.user_factors = (random.random((users, 64), dtype=np.float32) - 0.5)
    model.item_factors = (random.random((items, 64), dtype=np.float32) - 0.5)
    rows, columns = np.repeat(np.arange(users), 10), random.integers(0, items, 10 * users)
    return call(model, sp.csr_matrix((np.ones(10 * users, dtype=np.float32), (rows, columns)), shape=(users, items)))


def neighbours(folder):
    train = load(folder)
    model = CosineRecommender(K=20, num_threads=1)
    model.fit(train, show_progress=False)
    return call(model, train)


print(json.dumps({"known user of 50,000 items × 64": vectors(), "known user, item-knn of 20 neighbours": neighbours(sys.argv[1])}))
