"""RecBole: an epoch of LightGCN, one thread."""
import os
import statistics
import sys
import tempfile

import numpy as np
import torch
from common import best, main, part, timed
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.model.general_recommender import LightGCN
from recbole.utils import get_trainer, init_seed

NAME = "sports"
SETTINGS = {
    **{"embedding_size": 64, "n_layers": 3, "reg_weight": 1e-4, "learning_rate": 0.003, "train_batch_size": 2048},
    **{"benchmark_filename": ["train", "valid", "valid"], "USER_ID_FIELD": "user", "ITEM_ID_FIELD": "item"},
    **{"load_col": {"inter": ["user", "item"]}, "use_gpu": False, "show_progress": False, "state": "ERROR", "seed": 1},
}


def write(folder, name, matrix):
    with open(f"{folder}/{NAME}/{NAME}.{name}.inter", "w") as file:
        file.write("user:token\titem:token\n")
        file.writelines(f"{user}\t{item}\n" for user, item in zip(*matrix.nonzero()))


def lightgcn(train, epochs=3):
    torch.set_num_threads(1)
    init_seed(1, True)
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/{NAME}")
        write(folder, "train", train)
        write(folder, "valid", part(sys.argv[2], "valid"))
        sys.argv = sys.argv[:1]  # RecBole reads the command line,
        os.chdir(folder)  # and writes where it is
        config = Config(model="LightGCN", dataset=NAME, config_dict={**SETTINGS, "data_path": folder})
        data = create_dataset(config)
        batches, *_ = data_preparation(config, data)
        model = LightGCN(config, batches.dataset)
        trainer = get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
        seconds = [timed(lambda: trainer._train_epoch(batches, epoch))[1] for epoch in range(epochs)]
    with torch.no_grad():
        users, items = (table.numpy() for table in model.forward())
    # RecBole numbers users and items as they come, from 1 on
    own = [
        np.array([data.token2id(field, str(row)) if str(row) in data.field2token_id[field] else 0 for row in range(count)])
        for field, count in zip(("user", "item"), train.shape)
    ]
    scores = users[own[0]] @ items[own[1]].T
    scores[:, own[1] == 0] = -np.inf
    return best(scores, train), statistics.median(seconds)


main({"lightgcn": lightgcn})
