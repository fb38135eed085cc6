"""EASE by LAPACK in single precision: potrf and potri of scipy's OpenBLAS, one thread."""
import numpy as np
from common import best, main, timed
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits


def ease(train, regularization=100):
    with threadpool_limits(1):

        def fit():
            gram = np.asfortranarray((train.T @ train).toarray())
            gram[np.diag_indices_from(gram)] += regularization
            factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1)
            inverse, failed_too = lapack.spotri(factor, lower=1, overwrite_c=1)
            assert failed == 0 and failed_too == 0
            inverse = np.tril(inverse) + np.tril(inverse, -1).T
            weights = inverse / -np.diag(inverse)
            np.fill_diagonal(weights, 0)
            return weights

        weights, seconds = timed(fit)
    return best(train @ weights, train), seconds


main({"ease": ease})
