"""Prepares a data set for dualtree on Apache Spark: the same ids, splits and item graph as the local path, and a base model.

Submitted by `dualtree spark submit`, whose options it is given as one JSON document. Reads CSV, JSONL or Parquet; writes to a folder
that the driver and the executors see:

    data/              the split, in dualtree's own tables: `dualtree run --prepared FOLDER` goes on from there
    item-graph.parquet item_id, rank, neighbor_id, weight; and item-graph.safetensors, which a worker ranks by
    als.safetensors    user and item vectors of MLlib's implicit ALS
    candidates.parquet user_id, rank, item_id, score: through dualtree's kernels, by rdd.pipe
    evaluation.json    means over users, through dualtree's metrics
"""
import glob, hashlib, json, math, os, shutil, struct, sys, time

import numpy as np
import pandas as pd
from pyspark import SparkFiles
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.functions import pandas_udf

TRAIN, VALID, TEST, GIVEN = 0, 1, 2, 3
SCALE = 2.0 ** 40  # sums of doubles depend on their order, sums of integers do not


def main():
    options = json.loads(sys.argv[1])
    spark = SparkSession.builder.appName("dualtree").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    spark.conf.set("spark.sql.shuffle.partitions", options.get("partitions") or 2 * spark.sparkContext.defaultParallelism)
    out, report, began = options["out"], {}, time.time()
    os.makedirs(f"{out}/data", exist_ok=True)

    def step(name, **facts):
        report[name] = {"seconds": round(time.time() - began, 2), **jvm_seconds(), **facts}
        print(f"{name}: {report[name]}", flush=True)

    pairs, users, items, counts = read(spark, options)
    step("read", **counts)
    pairs, rounds = k_core(pairs, options["kCore"])
    pairs = hold_out(pairs, options).localCheckpoint()
    step("split", rounds=rounds)
    train, held, users, items, timed = dense(pairs, users, items)
    sizes = write_split(out, train, held, users, items, timed, options["split"] == "new-users")
    step("data", **sizes)
    if sizes["train"] == 0:
        sys.exit("no interaction is left to train on: lower --k-core, or hold out less")
    graph = item_graph(spark, train, sizes, options).localCheckpoint()
    write_graph(out, graph, items, sizes)
    step("itemGraph", weights=graph.count())
    if options["base"] == "als":
        als(out, train, sizes, options)
        step("als")
    for work in ("candidates", "evaluation"):
        if options[work]:
            step(work, **through_kernels(spark, out, train, held, users, items, sizes, options, work))
    with open(f"{out}/spark.json", "w") as file:
        json.dump({"options": options, "sizes": sizes, "steps": report}, file, indent=2)
    spark.stop()


def jvm_seconds():
    """Processor seconds of the JVM that started this script, which in local mode does all the work; on Linux."""
    if not os.path.exists(path := f"/proc/{os.getppid()}/stat"):
        return {}
    with open(path) as file:
        words = file.read().rsplit(") ", 1)[1].split()
    return {"cpuSeconds": (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")}


# ids and randomness as dualtree has them

def derive(seed, *parts):
    digest = hashlib.sha256(json.dumps([seed, *parts], separators=(",", ":")).encode()).digest()
    return struct.unpack("<II", digest[:8])


def philox(key, c0, c1):
    """The first two words of Philox4x32-10 of the counters (c0, c1, 0, 0), as arrays of uint64."""
    mask, k0, k1 = np.uint64(0xFFFFFFFF), key[0], key[1]
    c0, c1 = c0.astype(np.uint64), c1.astype(np.uint64)
    c2, c3 = np.zeros_like(c0), np.zeros_like(c0)
    for _ in range(10):
        first, second = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (second >> np.uint64(32)) ^ c1 ^ np.uint64(k0), second & mask, (first >> np.uint64(32)) ^ c3 ^ np.uint64(k1), first & mask
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def draws(seed, purpose, by_user=False):
    """A number of 53 bits for a pair of codes; or, for a user, one of 32 bits as a share of 1."""
    key = derive(seed, purpose)

    @pandas_udf("double")
    def draw(user: pd.Series, item: pd.Series) -> pd.Series:
        codes = item.to_numpy()
        w0, w1, _, _ = philox(key, user.to_numpy(), np.zeros_like(codes) if by_user else codes)
        if by_user:
            return pd.Series(w0 / 2.0 ** 32)
        return pd.Series(((w0 >> np.uint64(5)) * np.uint64(0x4000000) + (w1 >> np.uint64(6))).astype(np.float64))

    return draw("user", "item")


def tie_ranks(items, seed):
    """Of two equal weights the item with the smaller rank comes first: a permutation, shuffled as dualtree does."""
    counters = np.arange((items + 3) // 4)
    words = np.stack(philox(derive(seed, "ties"), counters, np.zeros_like(counters)), axis=1).reshape(-1)
    ranks = list(range(items))
    last = np.arange(items - 1, 0, -1)
    others = ((words[: len(last)] * (last + 1).astype(np.uint64)) >> np.uint64(32)).tolist()
    for at, other in zip(last.tolist(), others):
        ranks[at], ranks[other] = ranks[other], ranks[at]
    return np.array(ranks)


def numbered(df, *order, name="code"):
    """The place of each row in an order, from 0, without bringing the rows to one machine."""
    placed = df.orderBy(*order).withColumn("_part", F.spark_partition_id()).withColumn("_id", F.monotonically_increasing_id()).localCheckpoint()
    starts, total = {}, 0
    for part, count in sorted((row[0], row[1]) for row in placed.groupBy("_part").count().collect()):
        starts[part], total = total, total + count
    if total == 0:
        return placed.withColumn(name, F.lit(0)).drop("_part", "_id"), 0
    begin = F.create_map([F.lit(value) for pair in starts.items() for value in pair])[F.col("_part")]
    place = F.col("_id") - F.shiftleft(F.col("_part").cast("long"), 33) + begin
    return placed.withColumn(name, place.cast("int")).drop("_part", "_id"), total


# reading

def read(spark, options):
    path, kind = options["data"], options["format"]
    reader = {"csv": lambda: spark.read.csv(path, header=True, sep=options["separator"]), "jsonl": lambda: spark.read.json(path, primitivesAsString=True), "parquet": lambda: spark.read.parquet(path)}
    rows = reader[kind]()
    for column in filter(None, (options["user"], options["item"], options.get("time"), options.get("rating"))):
        if column not in rows.columns:
            sys.exit(f'{path} has no column "{column}": there are {", ".join(rows.columns)}')
    time_column = to_ms(F.col(options["time"]), options["timeUnit"]) if options.get("time") else F.lit(None).cast("double")
    rating = F.col(options["rating"]).cast("double") if options.get("rating") else F.lit(None).cast("double")
    rows = rows.select(F.trim(F.col(options["user"]).cast("string")).alias("user_id"), F.trim(F.col(options["item"]).cast("string")).alias("item_id"), time_column.alias("time"), rating.alias("rating"))
    total = rows.count()
    rows = rows.where("user_id <> '' and item_id <> ''")
    if options.get("time"):
        rows = rows.where("time is not null")
    rows = rows.persist()
    refused = total - rows.count()
    if refused > options["maxRefused"] * total:
        sys.exit(f"{path}: {refused} of {total} rows have no user, item or time that can be read: raise --max-refused, or mend them")
    users, items = vocabulary(rows, "user_id"), vocabulary(rows, "item_id")
    if options.get("minRating") is not None:
        rows = rows.where(F.col("rating") >= options["minRating"])
    coded = rows.join(users, "user_id").join(items, "item_id")
    pairs = coded.groupBy("user", "item").agg(F.min("time").alias("time")).localCheckpoint()
    return pairs, users, items, {"rows": total, "refused": refused, "pairs": pairs.count()}


def to_ms(column, unit):
    if unit == "dates":
        return (F.to_timestamp(column).cast("double") * 1000)
    return column.cast("double") * {"seconds": 1000.0, "milliseconds": 1.0, "microseconds": 1e-3, "nanoseconds": 1e-6}[unit]


def vocabulary(rows, column):
    """Ids in order: integers by value where all are integers, else strings by UTF-16 code unit."""
    ids = rows.select(column).distinct().persist()
    whole = F.col(column).rlike(r"^(0|-?[1-9]\d{0,15})$") & (F.abs(F.col(column).cast("decimal(20,0)")) <= 2 ** 53 - 1)
    if ids.where(F.col(column).rlike(r"^[+-]?\d+\.0*$|^[+-]?\d+(\.\d+)?[eE][+-]?\d+$")).count() > 0:
        sys.exit(f'column "{column}" has ids such as 1.0 or 1e3: write them as integers or as strings first')
    integers = ids.where(~whole).limit(1).count() == 0
    key = F.col(column).cast("long") if integers else F.encode(F.col(column), "UTF-16BE")
    coded, _ = numbered(ids.withColumn("_key", key), "_key", name=column[:4])
    return coded.withColumn("id", F.col(column).cast("long") if integers else F.col(column)).drop("_key")


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


def hold_out(pairs, options):
    how, seed, test_share, valid_share = (options[name] for name in ("split", "splitSeed", "testShare", "validShare"))
    if how not in ("random", "new-users") and not options.get("time"):
        sys.exit(f"--split {how} needs times: name their column with --time")
    pairs = pairs.withColumn("draw", draws(seed, "split" if how in ("random", "new-users") else "ties"))
    if how in ("random", "global-time"):
        return latest(pairs, ["draw"] if how == "random" else ["time", "draw"], test_share, valid_share)
    own = Window.partitionBy("user")
    pairs = pairs.withColumn("n", F.count("*").over(own))
    if how == "new-users":
        drawn = pairs.withColumn("new", (draws(seed, "new users", by_user=True) < test_share) & (F.col("n") > 1)).localCheckpoint()
        place = F.row_number().over(own.orderBy("time", "draw"))
        held = drawn.where("new").withColumn("part", F.when(place <= F.ceil(F.col("n") / 2), GIVEN).otherwise(TEST))
        return latest(drawn.where("not new"), ["draw"], 0, valid_share).drop("place").unionByName(held).drop("n", "new")
    placed = pairs.withColumn("place", F.row_number().over(own.orderBy(F.desc("time"), F.desc("draw"))))
    if how == "leave-one-out":
        test = valid = F.when(F.col("n") < 3, 0).otherwise(1)
    else:
        wanted = lambda share: F.floor(F.col("n") * share + 0.5)
        test = F.least(wanted(test_share), F.col("n") - 1)
        valid = F.least(wanted(valid_share), F.col("n") - 1 - test)
    return placed.withColumn("part", F.when(F.col("place") <= test, TEST).when(F.col("place") <= test + valid, VALID).otherwise(TRAIN))


def latest(pairs, order, test_share, valid_share):
    """The last of all pairs in an order test, those before them validate."""
    placed, count = numbered(pairs, *order, name="place")
    test_from = count - math.floor(count * test_share + 0.5)
    valid_from = test_from - math.floor(count * valid_share + 0.5)
    return placed.withColumn("part", F.when(F.col("place") >= test_from, TEST).when(F.col("place") >= valid_from, VALID).otherwise(TRAIN))


def dense(pairs, users, items):
    """Codes of what train has, and of new users, in the order of the ids; what is held out of others is left out."""
    known = {}
    for side, ids in (("user", users), ("item", items)):
        present = pairs.where(f"part = {TRAIN}" + (f" or part = {GIVEN}" if side == "user" else "")).select(side).distinct()
        known[side], _ = numbered(ids.join(present, side).select(side, "id"), side, name=side[0])
    coded = pairs.join(known["user"].select("user", "u"), "user").join(known["item"].select("item", "i"), "item")
    coded = coded.select("u", "i", "time", "part", "user", "item").localCheckpoint()
    timed = coded.where("time is not null").limit(1).count() > 0
    return coded.where(f"part = {TRAIN}"), coded.where(f"part > {TRAIN}"), known["user"], known["item"], timed


# tables

def write_one(df, path):
    """One Parquet file, with its rows in their order."""
    df.coalesce(1).write.mode("overwrite").option("compression", "zstd").parquet(f"{path}.parts")
    (part,) = glob.glob(f"{path}.parts/part-*.parquet")
    os.replace(part, path)
    shutil.rmtree(f"{path}.parts")


def named(df, users, items):
    return df.join(users.select("u", F.col("id").alias("user_id")), "u").join(items.select("i", F.col("id").alias("item_id")), "i")


def write_split(out, train, held, users, items, timed, new):
    manifest, sizes = f"{out}/data/split.json", {}
    if os.path.exists(manifest):
        os.remove(manifest)
    for name, ids, code in (("users", users, "u"), ("items", items, "i")):
        write_one(ids.orderBy(code).select(F.col("id").alias(f"{name[:4]}_id")), f"{out}/data/{name}.parquet")
        sizes[name] = ids.count()
    columns = ["user_id", "item_id", *([F.col("time").alias("timestamp")] if timed else [])]
    held_parts = (("valid", VALID), ("test", TEST), *([("given", GIVEN)] if new else []))
    for name, part in (("train", train), *((name, held.where(f"part = {code}")) for name, code in held_parts)):
        write_one(named(part, users, items).orderBy("u", "i").select(*columns), f"{out}/data/{name}.parquet")
        sizes[name] = part.count()
    rows = {name: count for name, count in sizes.items() if name != "given"}
    facts = {**({"timeKind": "clock"} if timed else {}), **({"given": True} if new else {})}
    with open(manifest, "w") as file:
        json.dump({"format": "dualtree split", "version": 1, "rows": rows, **facts}, file, indent=2)
    return sizes


def save_tensors(path, metadata, **tensors):
    header, end = {"__metadata__": metadata}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": {"f": "F32", "i": "I32"}[values.dtype.kind], "shape": list(values.shape), "data_offsets": [end, end + values.nbytes]}
        end += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.tmp", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in tensors.values():
            file.write(np.ascontiguousarray(values).tobytes())
    os.replace(f"{path}.tmp", path)


# item graph and base model

def item_graph(spark, train, sizes, options):
    """The heaviest neighbours of each item. Histories above the cap count with so many of their items, drawn by the seed."""
    by_user, by_item = (train.groupBy(side).agg(F.count("*").alias(f"d{side}")) for side in ("u", "i"))
    capped = train.join(by_user, "u").withColumn("draw", draws(options["seed"], "cap"))
    capped = capped.withColumn("place", F.row_number().over(Window.partitionBy("u").orderBy("draw"))).where(f"place <= {options['cap']}")
    walk = options["affinity"] == "rp3beta"
    step = F.round(F.pow("du", F.lit(-options["gamma"])) * SCALE).cast("long") if walk else F.lit(1).cast("long")
    histories = capped.groupBy("u").agg(F.sort_array(F.collect_list("i")).alias("items"), F.first(step).alias("step"))
    one = histories.select("step", F.posexplode("items").alias("at", "i"), "items").where("at + 1 < size(items)")
    half = one.select("step", "i", F.explode(F.expr("slice(items, at + 2, size(items))")).alias("j")).groupBy("i", "j").agg(F.sum("step").alias("shared"))
    both = half.union(half.select(F.col("j").alias("i"), F.col("i").alias("j"), "shared"))
    degrees = F.broadcast(by_item)
    both = both.join(degrees, "i").join(degrees.withColumnsRenamed({"i": "j", "di": "dj"}), "j")
    if walk:
        scale = F.pow("di", F.lit(options["alpha"])) * F.pow("dj", F.lit(options["beta"])) + options["shrinkage"]
        weight = F.col("shared") / SCALE / scale
    else:
        weight = F.col("shared") / (F.sqrt(F.col("di").cast("double") * F.col("dj")) + options["shrinkage"])
    ranks = tie_ranks(sizes["items"], options["seed"])
    ties = F.broadcast(spark.createDataFrame(pd.DataFrame({"j": np.arange(sizes["items"], dtype=np.int32), "tie": ranks.astype(np.int32)})))
    order = Window.partitionBy("i").orderBy(F.desc("weight"), "tie")
    top = both.select("i", "j", weight.cast("float").alias("weight")).join(ties, "j").withColumn("rank", F.row_number().over(order))
    return top.where(f"rank <= {options['neighbors']}").select("i", "rank", "j", "weight")


def write_graph(out, graph, items, sizes):
    ids = items.select("i", F.col("id").alias("item_id"))
    both = graph.join(ids, "i").join(ids.withColumnsRenamed({"i": "j", "item_id": "neighbor_id"}), "j")
    write_one(both.orderBy("i", "rank").select("item_id", "rank", "neighbor_id", "weight"), f"{out}/item-graph.parquet")
    table = graph.select("i", "j", "weight").orderBy("i", "j").toPandas()
    offsets = np.searchsorted(table["i"].to_numpy(), np.arange(sizes["items"] + 1)).astype(np.int32)
    save_tensors(f"{out}/item-graph.safetensors", {"kind": "neighbors", "interactions": str(sizes["train"])}, weight_offsets=offsets, weight_items=table["j"].to_numpy(np.int32), weights=table["weight"].to_numpy(np.float32))


def als(out, train, sizes, options):
    """
    MLlib weighs observed pairs 1 + alpha and others 1, and regularises a row by regParam times its interactions. Divided by alpha that is the
    loss of dualtree's iALS with κ = 0 and ν = 1, the targets aside, which are 1 + 1 / alpha there.
    """
    alpha = 1 / options["unobservedWeight"]
    settings = dict(rank=options["dimensions"], maxIter=options["epochs"], regParam=options["regularization"] * alpha, alpha=alpha, seed=options["seed"])
    model = ALS(userCol="u", itemCol="i", ratingCol="one", implicitPrefs=True, **settings).fit(train.select("u", "i", F.lit(1.0).alias("one")))
    tables = {}
    for name, factors, rows in (("user_vectors", model.userFactors, sizes["users"]), ("item_vectors", model.itemFactors, sizes["items"])):
        found = factors.toPandas()
        tables[name] = np.zeros((rows, options["dimensions"]), np.float32)
        tables[name][found["id"].to_numpy()] = np.stack(found["features"].to_numpy())
    ridge = {name: str(options[name]) for name in ("unobservedWeight", "regularization")}
    save_tensors(f"{out}/als.safetensors", {"model": "als", **ridge}, **tables)
    save_tensors(f"{out}/als-items.safetensors", ridge, item_vectors=tables["item_vectors"])


# users' shards through dualtree's kernels

def through_kernels(spark, out, train, held, users, items, sizes, options, work):
    """A line per user: what is known of them and, for an evaluation, what is held out; back come lists, or metrics."""
    table = f"{out}/{'als-items' if options['rankBy'] == 'als' else 'item-graph'}.safetensors"
    spark.sparkContext.addFile(table)
    local = spark.sparkContext.master.startswith("local[")
    place = SparkFiles.get(os.path.basename(table)) if local else os.path.basename(table)
    lines, k = train.groupBy("u").agg(F.sort_array(F.collect_list("i")).alias("history")), options["candidatesPerUser"]
    if work == "evaluation":
        truth = held.where(f"part = {VALID if options['evaluateOn'] == 'valid' else TEST}").groupBy("u").agg(F.sort_array(F.collect_list("i")).alias("heldOut"))
        known = train.union(held.where(f"part = {GIVEN}"))
        seen = known if options["evaluateOn"] == "valid" else known.union(held.where(f"part = {VALID}"))
        lines, seen = (part.groupBy("u").agg(F.sort_array(F.collect_list("i")).alias(name)) for part, name in ((known, "history"), (seen, "seen")))
        lines, k = seen.join(lines, "u").join(truth, "u"), 20
    command = f"{options['node']} job pipe {place} --items {sizes['items']} --k {k} --seed {options['seed']}"
    answers = lines.select(F.to_json(F.struct(*lines.columns))).rdd.map(lambda row: row[0]).pipe(command, env=dict(os.environ), checkCode=True)
    if work == "evaluation":
        found = spark.read.schema("u int, recall double, ndcg double").json(answers)
        count, recall, ndcg = found.agg(F.count("*"), F.avg("recall"), F.avg("ndcg")).first()
        means = {"users": count, "recall@20": recall, "ndcg@20": ndcg, "evaluatedOn": options["evaluateOn"]}
        with open(f"{out}/evaluation.json", "w") as file:
            json.dump(means, file, indent=2)
        return means
    found = spark.read.schema("u int, items array<int>, scores array<float>").json(answers).select("u", F.posexplode(F.arrays_zip("items", "scores")).alias("at", "one"))
    found = found.select("u", (F.col("at") + 1).alias("rank"), F.col("one.items").alias("i"), F.col("one.scores").alias("score")).localCheckpoint()
    write_one(named(found, users, items).orderBy("u", "rank").select("user_id", "rank", "item_id", "score"), f"{out}/candidates.parquet")
    return {"candidates": found.count()}


if __name__ == "__main__":
    main()
