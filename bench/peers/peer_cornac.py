"""cornac: BPR, one thread."""
import cornac
import numpy as np
from common import best, main, timed


def bpr(train, epochs=50):
    users, items = train.nonzero()
    data = cornac.data.Dataset.from_uir([(user, item, 1.0) for user, item in zip(users, items)])
    model = cornac.models.BPR(
        k=64, max_iter=epochs, learning_rate=0.05, lambda_reg=0.001, use_bias=True, num_threads=1, seed=1
    )
    _, seconds = timed(lambda: model.fit(data), epochs)
    # cornac numbers users and items as they come
    scores = np.full(train.shape, -np.inf, dtype=np.float32)
    columns = np.array([item for item, _ in sorted(data.iid_map.items(), key=lambda pair: pair[1])])
    for user, index in data.uid_map.items():
        scores[user, columns] = model.u_factors[index] @ model.i_factors.T + model.i_biases
    return best(scores, train), seconds


main({"bpr": bpr})
