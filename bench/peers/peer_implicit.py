"""implicit: BPR, iALS and item neighbours, one thread."""
import numpy as np
from common import K, is_good, main, timed
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import CosineRecommender


def lists(model, train):
    return model.recommend(np.arange(train.shape[0]), train, N=K, filter_already_liked_items=True)[0]


def bpr(train):
    # 63 factors and a bias are 64 numbers a row
    model = BayesianPersonalizedRanking(
        factors=63, learning_rate=0.05, regularization=0.01, iterations=100, num_threads=1, use_gpu=False, random_state=1
    )
    _, seconds = timed(lambda: model.fit(train, show_progress=False), 100)
    return lists(model, train), seconds


def bpr_quality(train):
    """The best of four settings (learning rate .02 to .1, regularization .01 and .002), looked at every 20 iterations; fit goes on from where it was."""
    model = BayesianPersonalizedRanking(
        factors=63,
        learning_rate=0.02,
        regularization=0.002,
        iterations=20,
        num_threads=1,
        use_gpu=False,
        random_state=np.random.default_rng(1),
    )
    seconds = 0
    for _ in range(15):
        seconds += timed(lambda: model.fit(train, show_progress=False))[1]
        found = lists(model, train)
        if is_good(found):
            return found, seconds
    raise RuntimeError("300 iterations did not reach that quality")


def ials(train):
    model = AlternatingLeastSquares(
        factors=64, regularization=0.1, alpha=1, iterations=16, num_threads=1, use_gpu=False, random_state=1
    )
    _, seconds = timed(lambda: model.fit(train, show_progress=False), 16)
    return lists(model, train), seconds


def item_knn(train):
    model = CosineRecommender(K=20, num_threads=1)
    _, seconds = timed(lambda: model.fit(train, show_progress=False))
    return lists(model, train), seconds


def recommend(train):
    model = CosineRecommender(K=20, num_threads=1)
    model.fit(train, show_progress=False)
    found, seconds = timed(lambda: lists(model, train))
    return found, seconds


main({"bpr": bpr, "bpr-quality": bpr_quality, "ials": ials, "item-knn": item_knn, "recommend": recommend})
