"""What the scripts of all peers share: the data that main.ts wrote, a clock of processor time, and lists for it to judge."""
import json
import os
import sys
import time

import numpy as np
import scipy.sparse as sp

K = 20


def load(folder):
    """Train as a CSR matrix [users x items] of ones."""
    return part(folder, "train")


def part(folder, name):
    users, items = json.load(open(f"{folder}/sizes.json"))
    pairs = np.fromfile(f"{folder}/{name}.bin", dtype=np.int32).reshape(-1, 2)
    ones = np.ones(len(pairs), dtype=np.float32)
    return sp.csr_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(users, items))


def is_good(lists):
    """Whether NDCG@20 of the lists [users x K] on validation is what main.ts asks for."""
    valid = part(sys.argv[2], "valid")
    discounts = 1 / np.log2(np.arange(K) + 2)
    held_out = np.diff(valid.indptr)
    users = np.flatnonzero(held_out)
    hits = np.asarray(valid[np.repeat(users, K), lists[users].ravel()]).reshape(-1, K)
    ideal = np.cumsum(discounts)[np.minimum(held_out[users], K) - 1]
    return np.mean(hits @ discounts / ideal) >= float(os.environ["QUALITY"])


def timed(work, count=1):
    """Processor seconds of each call."""
    start = time.process_time()
    result = work()
    return result, (time.process_time() - start) / count


def best(scores, train, k=K):
    """The k best unseen items of each row of scores [users x items]."""
    scores = np.array(scores, dtype=np.float32)
    rows = np.repeat(np.arange(train.shape[0]), np.diff(train.indptr))
    scores[rows, train.indices] = -np.inf
    top = np.argpartition(-scores, k, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1)


def main(works):
    """python SCRIPT WORK FOLDER OUT: runs one of `works`, a function of train that returns (lists or None, seconds)."""
    work, folder, out = sys.argv[1:4]
    lists, seconds = works[work](load(folder))
    if lists is not None:
        np.ascontiguousarray(lists, dtype=np.int32).tofile(out)
    print(json.dumps({"seconds": seconds}))
