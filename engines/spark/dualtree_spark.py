"""Prepares a data set for dualtree on Apache Spark: the same ids, splits and item graph as the local path, and a base model.

Submitted by `dualtree spark submit`, whose options it is given as one JSON document. Reads CSV, JSONL or Parquet; writes to a folder
that the driver and the executors see:

    data/              the split, in dualtree's own tables: `dualtree run --prepared FOLDER` goes on from there
    item-graph.parquet item_id, rank, neighbor_id, weight; and item-graph.safetensors, which a worker ranks by
    als.safetensors    user and item vectors of MLlib's implicit ALS
    candidates.parquet user_id, rank, item_id, score: through dualtree's kernels, by rdd.pipe
    evaluation.json    means over users, through dualtree's metrics
"""
import functools, glob, hashlib, json, os, shutil, struct, sys, time
from types import SimpleNamespace

import numpy as np
import pandas as pd
from pyspark import SparkFiles
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.functions import col, lit, pandas_udf

TRAIN, VALID, TEST, GIVEN = 0, 1, 2, 3
PARTS = {"train": TRAIN, "valid": VALID, "test": TEST, "given": GIVEN}
ABSENT = {"time": None, "rating": None, "minRating": None, "partitions": None}
TO_MS = {"seconds": 1000.0, "milliseconds": 1.0, "microseconds": 1e-3, "nanoseconds": 1e-6}
SCALE = 2.0 ** 40  # sums of doubles depend on their order, sums of integers do not


def main():
    o = SimpleNamespace(**{**ABSENT, **json.loads(sys.argv[1])})
    spark = SparkSession.builder.appName("dualtree").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    spark.conf.set("spark.sql.shuffle.partitions", o.partitions or 2 * spark.sparkContext.defaultParallelism)
    report, began = {}, time.time()
    os.makedirs(f"{o.out}/data", exist_ok=True)

    def step(name, **facts):
        report[name] = {"seconds": round(time.time() - began, 2), **jvm_seconds(), **facts}
        print(f"{name}: {report[name]}", flush=True)

    pairs, users, items, counts = read(spark, o)
    step("read", **counts)
    core, rounds = k_core(pairs.where(f"part = {TRAIN}"), o.kCore)
    pairs = hold_out(core, pairs.where(f"part > {TRAIN}"), o).select("user", "item", "time", "part").localCheckpoint()
    step("split", rounds=rounds)
    train, held, users, items = dense(pairs, users, items)
    sizes = write_split(o, train, held, users, items)
    step("data", **sizes)
    if sizes["train"] == 0:
        sys.exit("no interaction is left to train on: lower --k-core, or hold out less")
    graph = item_graph(spark, train, sizes, o).localCheckpoint()
    write_graph(o.out, graph, items, sizes)
    step("itemGraph", weights=graph.count())
    if o.base == "als":
        als(train, sizes, o)
        step("als")
    for work in ("candidates", "evaluation"):
        if getattr(o, work):
            step(work, **through_kernels(spark, train, held, users, items, sizes, o, work))
    write_json(f"{o.out}/spark.json", {"options": vars(o), "sizes": sizes, "steps": report})
    spark.stop()


def jvm_seconds():
    """Processor seconds of the JVM that started this script, which in local mode does all the work; on Linux."""
    if not os.path.exists(path := f"/proc/{os.getppid()}/stat"):
        return {}
    with open(path) as file:
        words = file.read().rsplit(") ", 1)[1].split()
    return {"cpuSeconds": (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")}


# ids and randomness as dualtree has them

def philox(seed, parts, c0, c1):
    """The first two words of Philox4x32-10 of the counters (c0, c1, 0, 0), as arrays of uint64; the key is derived from seed and parts."""
    digest = hashlib.sha256(json.dumps([seed, *parts], separators=(",", ":")).encode()).digest()
    mask, (k0, k1) = np.uint64(0xFFFFFFFF), struct.unpack("<II", digest[:8])
    c0, c1 = c0.astype(np.uint64), c1.astype(np.uint64)
    c2, c3 = np.zeros_like(c0), np.zeros_like(c0)
    for _ in range(10):
        first, second = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1 = (second >> np.uint64(32)) ^ c1 ^ np.uint64(k0), second & mask
        c2, c3 = (first >> np.uint64(32)) ^ c3 ^ np.uint64(k1), first & mask
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def draws(seed, purpose, by_user=False):
    """A number of 53 bits for a pair of codes; or, for a user, one of 32 bits as a share of 1."""
    @pandas_udf("double")
    def draw(user: pd.Series, item: pd.Series) -> pd.Series:
        w0, w1, _, _ = philox(seed, [purpose], user.to_numpy(), item.to_numpy() * (0 if by_user else 1))
        bits = w0 / 2.0 ** 32 if by_user else (w0 >> np.uint64(5)) * np.uint64(0x4000000) + (w1 >> np.uint64(6))
        return pd.Series(bits.astype(np.float64))
    return draw("user", "item")


def tie_ranks(items, seed):
    """Of two equal weights the item with the smaller rank comes first: a permutation, shuffled as dualtree does."""
    counters, last, ranks = np.arange((items + 3) // 4), np.arange(items - 1, 0, -1), np.arange(items)
    words = np.stack(philox(seed, ["ties"], counters, np.zeros_like(counters)), axis=1).reshape(-1)
    others = (words[: len(last)] * (last + 1).astype(np.uint64)) >> np.uint64(32)
    for at, other in zip(last.tolist(), others.tolist()):
        ranks[at], ranks[other] = ranks[other], ranks[at]
    return ranks


def numbered(df, *order, name):
    """The place of each row in an order, from 0, without bringing the rows to one machine."""
    placed = df.orderBy(*order).select("*", F.spark_partition_id().alias("_part"), F.monotonically_increasing_id().alias("_id")).localCheckpoint()
    sizes = sorted((row[0], row[1]) for row in placed.groupBy("_part").count().collect())
    starts, total = {-1: 0}, 0
    for part, count in sizes:
        starts[part], total = total, total + count
    begin = F.create_map([lit(value) for pair in starts.items() for value in pair])[col("_part")]
    place = col("_id") - F.shiftleft(col("_part").cast("long"), 33) + begin
    return placed.withColumn(name, place.cast("int")).drop("_part", "_id"), total


# reading

def read(spark, o):
    """Pairs of codes, each once in its part; all are of train where no files of parts are given."""
    parts = {name: f"{o.data}/{name}*" for name in ("train", "valid", "test")} if o.split == "given" else {"train": o.data}
    found = {name: path for name, path in parts.items() if is_there(spark, path)}
    for name in parts.keys() - found.keys() - {"valid"}:
        sys.exit(f"{parts[name]}: there are no such files" + ("; --split given needs those of train and test" if o.split == "given" else ""))
    rows = functools.reduce(DataFrame.unionByName, [table(spark, path, PARTS[name], o) for name, path in found.items()])
    total = rows.count()
    rows = rows.where("user_id <> '' and item_id <> ''" + (" and time is not null" if o.time else "")).persist()
    refused = total - rows.count()
    if refused > o.maxRefused * total:
        sys.exit(f"{o.data}: {refused} of {total} rows have no user, item or time that can be read: raise --max-refused, or mend them")
    users, items = vocabulary(rows, "user_id"), vocabulary(rows, "item_id")
    if o.minRating is not None:
        rows = rows.where(col("rating") >= o.minRating)
    coded = rows.join(users, "user_id").join(items, "item_id")
    pairs = coded.groupBy("user", "item", "part").agg(F.min("time").alias("time")).localCheckpoint()
    return pairs, users, items, {"rows": total, "refused": refused, "pairs": pairs.count()}


def is_there(spark, path):
    path = spark._jvm.org.apache.hadoop.fs.Path(path)
    return len(path.getFileSystem(spark._jsc.hadoopConfiguration()).globStatus(path) or []) > 0


def table(spark, path, part, o):
    reader = spark.read.options(header=True, sep=o.separator, primitivesAsString=True)
    rows = reader.load(path, format={"jsonl": "json"}.get(o.format, o.format))
    for column in filter(None, (o.user, o.item, o.time, o.rating)):
        if column not in rows.columns:
            sys.exit(f'{path} has no column "{column}": there are {", ".join(rows.columns)}')
    number = lambda name: col(name).cast("double") if name else lit(None).cast("double")
    ms = F.to_timestamp(o.time).cast("double") * 1000 if o.time and o.timeUnit == "dates" else number(o.time) * TO_MS.get(o.timeUnit, 1.0)
    text = lambda name: F.trim(col(name).cast("string"))
    return rows.select(text(o.user).alias("user_id"), text(o.item).alias("item_id"), ms.alias("time"), number(o.rating).alias("rating"), lit(part).alias("part"))


def vocabulary(rows, column):
    """Ids in order: integers by value where all are integers, else strings by UTF-16 code unit."""
    ids = rows.select(column).distinct().persist()
    whole = col(column).rlike(r"^(0|-?[1-9]\d{0,15})$") & (F.abs(col(column).cast("decimal(20,0)")) <= 2 ** 53 - 1)
    if not ids.where(col(column).rlike(r"^[+-]?\d+\.0*$|^[+-]?\d+(\.\d+)?[eE][+-]?\d+$")).isEmpty():
        sys.exit(f'column "{column}" has ids such as 1.0 or 1e3: write them as integers or as strings first')
    integers = ids.where(~whole).isEmpty()
    key, id = (col(column).cast("long"),) * 2 if integers else (F.encode(col(column), "UTF-16BE"), col(column))
    return numbered(ids.withColumn("_key", key), "_key", name=column[:4])[0].withColumn("id", id).drop("_key")


# filter and split

def k_core(pairs, k):
    rounds, before = 0, pairs.count()
    while k > 0:
        for side in ("user", "item"):
            pairs = pairs.withColumn(f"_{side}", F.count("*").over(Window.partitionBy(side)))
        pairs = pairs.where(f"_user >= {k} and _item >= {k}").drop("_user", "_item").localCheckpoint()
        after = pairs.count()
        if after == before:
            break
        rounds, before = rounds + 1, after
    if before == 0:
        sys.exit(f"the {k}-core is empty: lower --k-core")
    return pairs, rounds


def hold_out(pairs, files, o):
    """The part of each pair; `files` are those of the valid and test files."""
    how, seed, own = o.split, o.splitSeed, Window.partitionBy("user")
    way = {"all": "random", "user": "per-user", "user-latest": "per-user-time"}[o.validFrom] if how == "given" else how
    if way not in ("random", "new-users", "per-user") and not o.time:
        sys.exit(f"{f'--valid-from {o.validFrom}' if how == 'given' else f'--split {how}'} needs times: name their column with --time")
    pairs = pairs.withColumn("draw", draws(seed, "split" if way in ("random", "new-users", "per-user") else "ties"))
    if how == "given":
        if not files.where(f"part = {VALID}").isEmpty():
            return pairs.drop("draw").unionByName(files)
        drawn = latest(pairs, ["draw"], 0, o.validShare) if way == "random" else of_each_user(pairs, way, 0, o.validShare)
        return drawn.select(files.columns).unionByName(files)
    if how in ("random", "global-time"):
        return latest(pairs, ["draw"] if how == "random" else ["time", "draw"], o.testShare, o.validShare)
    if how != "new-users":
        return of_each_user(pairs, how, o.testShare, o.validShare)
    new = (draws(seed, "new users", by_user=True) < o.testShare) & (F.count("*").over(own) > 1)
    drawn, place = pairs.withColumn("new", new).localCheckpoint(), F.row_number().over(own.orderBy("time", "draw"))
    held = drawn.where("new").withColumn("part", F.when(place <= F.ceil(F.count("*").over(own) / 2), GIVEN).otherwise(TEST))
    return latest(drawn.where("not new"), ["draw"], 0, o.validShare).select(held.columns).unionByName(held)


def latest(pairs, order, test_share, valid_share):
    """The last of all pairs in an order test, those before them validate."""
    placed, count = numbered(pairs, *order, name="place")
    test_from = count - int(count * test_share + 0.5)
    valid_from = test_from - int(count * valid_share + 0.5)
    return placed.withColumn("part", F.when(col("place") >= test_from, TEST).when(col("place") >= valid_from, VALID).otherwise(TRAIN))


def of_each_user(pairs, how, test_share, valid_share):
    """The last pairs of each user's history test, those before them validate; the first stays in train."""
    own, n = Window.partitionBy("user"), F.count("*").over(Window.partitionBy("user"))
    place = F.row_number().over(own.orderBy(*([] if how == "per-user" else [F.desc("time")]), F.desc("draw")))
    test = F.least(F.floor(n * test_share + 0.5), n - 1)
    valid = F.least(F.floor(n * valid_share + 0.5), n - 1 - test)
    if how == "leave-one-out":
        test = valid = F.when(n < 3, 0).otherwise(1)
    return pairs.withColumn("part", F.when(place <= test, TEST).when(place <= test + valid, VALID).otherwise(TRAIN))


def dense(pairs, users, items):
    """Codes of what train has, and of new users, in the order of the ids; what is held out of others, or earlier parts have, is left out."""
    known = {}
    for side, ids in (("user", users), ("item", items)):
        present = pairs.where(f"part = {TRAIN}" + (f" or part = {GIVEN}" if side == "user" else "")).select(side).distinct()
        known[side], _ = numbered(ids.join(present, side).select(side, "id"), side, name=side[0])
    coded = pairs.join(known["user"].select("user", "u"), "user").join(known["item"].select("item", "i"), "item")
    coded = coded.withColumn("first", F.min("part").over(Window.partitionBy("u", "i"))).where("part = first").drop("first").localCheckpoint()
    return coded.where(f"part = {TRAIN}"), coded.where(f"part > {TRAIN}"), known["user"], known["item"]


# tables

def write_json(path, value):
    with open(path, "w") as file:
        json.dump(value, file, indent=2)


def write_one(df, path):
    """One Parquet file, with its rows in their order."""
    df.coalesce(1).write.mode("overwrite").option("compression", "zstd").parquet(f"{path}.parts")
    (part,) = glob.glob(f"{path}.parts/part-*.parquet")
    os.replace(part, path)
    shutil.rmtree(f"{path}.parts")


def named(df, users, items):
    return df.join(users.select("u", col("id").alias("user_id")), "u").join(items.select("i", col("id").alias("item_id")), "i")


def write_split(o, train, held, users, items):
    manifest, data, sizes = f"{o.out}/data/split.json", f"{o.out}/data", {}
    if os.path.exists(manifest):
        os.remove(manifest)
    for name, ids, code in (("users", users, "u"), ("items", items, "i")):
        write_one(ids.orderBy(code).select(col("id").alias(f"{name[:4]}_id")), f"{data}/{name}.parquet")
        sizes[name] = ids.count()
    both, timed = train.union(held), not train.union(held).where("time is not null").isEmpty()
    columns = ["user_id", "item_id", *([col("time").alias("timestamp")] if timed else [])]
    for name, code in PARTS.items():
        if name != "given" or o.split == "new-users":
            part = both.where(f"part = {code}")
            write_one(named(part, users, items).orderBy("u", "i").select(*columns), f"{data}/{name}.parquet")
            sizes[name] = part.count()
    rows = {name: count for name, count in sizes.items() if name != "given"}
    facts = {**({"timeKind": "clock"} if timed else {}), **({"given": True} if "given" in sizes else {})}
    write_json(manifest, {"format": "dualtree split", "version": 1, "rows": rows, **facts})
    return sizes


def save_tensors(path, metadata, **tensors):
    header, end = {"__metadata__": metadata}, 0
    for name, values in tensors.items():
        kind = {"f": "F32", "i": "I32"}[values.dtype.kind]
        header[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [end, end := end + values.nbytes]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.tmp", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(np.ascontiguousarray(values).tobytes() for values in tensors.values()))
    os.replace(f"{path}.tmp", path)


# item graph and base model

def item_graph(spark, train, sizes, o):
    """The heaviest neighbours of each item. Histories above the cap count with so many of their items, drawn by the seed."""
    by_user, by_item = (train.groupBy(side).agg(F.count("*").alias(f"d{side}")) for side in ("u", "i"))
    place = F.row_number().over(Window.partitionBy("u").orderBy("draw"))
    capped = train.join(by_user, "u").withColumn("draw", draws(o.seed, "cap")).withColumn("place", place).where(f"place <= {o.cap}")
    walk = o.affinity == "rp3beta"
    step = F.round(F.pow("du", lit(-o.gamma)) * SCALE).cast("long") if walk else lit(1).cast("long")
    histories = capped.groupBy("u").agg(F.sort_array(F.collect_list("i")).alias("items"), F.first(step).alias("step"))
    one = histories.select("step", F.posexplode("items").alias("at", "i"), "items").where("at + 1 < size(items)")
    half = one.select("step", "i", F.explode(F.expr("slice(items, at + 2, size(items))")).alias("j")).groupBy("i", "j").agg(F.sum("step").alias("shared"))
    degrees = F.broadcast(by_item)
    both = half.union(half.select(col("j").alias("i"), col("i").alias("j"), "shared"))
    both = both.join(degrees, "i").join(degrees.withColumnsRenamed({"i": "j", "di": "dj"}), "j")
    scale = F.pow("di", lit(o.alpha)) * F.pow("dj", lit(o.beta)) if walk else F.sqrt(col("di").cast("double") * col("dj"))
    weight = col("shared") / (SCALE if walk else 1.0) / (scale + o.shrinkage)
    ranks = pd.DataFrame({"j": np.arange(sizes["items"], dtype=np.int32), "tie": tie_ranks(sizes["items"], o.seed).astype(np.int32)})
    top = both.select("i", "j", weight.cast("float").alias("weight")).join(F.broadcast(spark.createDataFrame(ranks)), "j")
    rank = F.row_number().over(Window.partitionBy("i").orderBy(F.desc("weight"), "tie"))
    return top.withColumn("rank", rank).where(f"rank <= {o.neighbors}").select("i", "rank", "j", "weight")


def write_graph(out, graph, items, sizes):
    ids = items.select("i", col("id").alias("item_id"))
    both = graph.join(ids, "i").join(ids.withColumnsRenamed({"i": "j", "item_id": "neighbor_id"}), "j")
    write_one(both.orderBy("i", "rank").select("item_id", "rank", "neighbor_id", "weight"), f"{out}/item-graph.parquet")
    table = graph.select("i", "j", "weight").orderBy("i", "j").toPandas()
    offsets = np.searchsorted(table["i"].to_numpy(), np.arange(sizes["items"] + 1)).astype(np.int32)
    tensors = {"weight_offsets": offsets, "weight_items": table["j"].to_numpy(np.int32), "weights": table["weight"].to_numpy(np.float32)}
    save_tensors(f"{out}/item-graph.safetensors", {"kind": "neighbors", "interactions": str(sizes["train"])}, **tensors)


def als(train, sizes, o):
    """
    MLlib weighs observed pairs 1 + alpha and others 1, and regularises a row by regParam times its interactions. Divided by alpha that is the
    loss of dualtree's iALS with κ = 0 and ν = 1, the targets aside, which are 1 + 1 / alpha there.
    """
    alpha = 1 / o.unobservedWeight
    settings = dict(rank=o.dimensions, maxIter=o.epochs, regParam=o.regularization * alpha, alpha=alpha, seed=o.seed, implicitPrefs=True)
    model = ALS(userCol="u", itemCol="i", ratingCol="one", **settings).fit(train.select("u", "i", lit(1.0).alias("one")))
    tables = {}
    for name, factors, rows in (("user_vectors", model.userFactors, "users"), ("item_vectors", model.itemFactors, "items")):
        found = factors.toPandas()
        tables[name] = np.zeros((sizes[rows], o.dimensions), np.float32)
        tables[name][found["id"].to_numpy()] = np.stack(found["features"].to_numpy())
    ridge = {name: str(getattr(o, name)) for name in ("unobservedWeight", "regularization")}
    save_tensors(f"{o.out}/als.safetensors", {"model": "als", **ridge}, **tables)
    save_tensors(f"{o.out}/als-items.safetensors", ridge, item_vectors=tables["item_vectors"])


# users' shards through dualtree's kernels

def through_kernels(spark, train, held, users, items, sizes, o, work):
    """A line per user: what is known of them and, for an evaluation, what is held out; back come lists, or metrics."""
    file = f"{'als-items' if o.rankBy == 'als' else 'item-graph'}.safetensors"
    spark.sparkContext.addFile(f"{o.out}/{file}")
    place = SparkFiles.get(file) if spark.sparkContext.master.startswith("local[") else file
    lists = lambda part, name: part.groupBy("u").agg(F.sort_array(F.collect_list("i")).alias(name))
    lines, k = lists(train, "history"), o.candidatesPerUser
    if work == "evaluation":
        known, on_valid = train.union(held.where(f"part = {GIVEN}")), o.evaluateOn == "valid"
        seen = known if on_valid else known.union(held.where(f"part = {VALID}"))
        truth = held.where(f"part = {VALID if on_valid else TEST}")
        lines, k = lists(seen, "seen").join(lists(known, "history"), "u").join(lists(truth, "heldOut"), "u"), 20
    command = f"{o.node} job pipe {place} --items {sizes['items']} --k {k} --seed {o.seed}"
    answers = lines.select(F.to_json(F.struct(*lines.columns))).rdd.map(lambda row: row[0]).pipe(command, env=dict(os.environ), checkCode=True)
    if work == "evaluation":
        found = spark.read.schema("u int, recall double, ndcg double").json(answers)
        means = dict(zip(("users", "recall@20", "ndcg@20"), found.agg(F.count("*"), F.avg("recall"), F.avg("ndcg")).first()))
        write_json(f"{o.out}/evaluation.json", means := {**means, "evaluatedOn": o.evaluateOn})
        return means
    found = spark.read.schema("u int, items array<int>, scores array<float>").json(answers)
    found = found.select("u", F.posexplode(F.arrays_zip("items", "scores")).alias("at", "one"))
    found = found.select("u", (col("at") + 1).alias("rank"), col("one.items").alias("i"), col("one.scores").alias("score")).localCheckpoint()
    write_one(named(found, users, items).orderBy("u", "rank").select("user_id", "rank", "item_id", "score"), f"{o.out}/candidates.parquet")
    return {"candidates": found.count()}


if __name__ == "__main__":
    main()
