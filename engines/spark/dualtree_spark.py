"""Prepares a data set for dualtree on Apache Spark: the same ids, splits and item graph as the local path, and a base model.

Submitted by `dualtree spark submit`, whose options it is given as one JSON document. Writes what docs/guide/scale.md lists to a folder
that the driver and the executors see.
"""
import glob, hashlib, json, os, shutil, struct, sys, time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from pyspark import SparkFiles
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.functions import col, lit, pandas_udf
from safetensors.numpy import save_file

PARTS = ("train", "valid", "test", "given")
TRAIN, VALID, TEST, GIVEN = range(4)
TO_MS = {"seconds": 1000.0, "milliseconds": 1.0, "microseconds": 1e-3, "nanoseconds": 1e-6}
SCALE = 2.0 ** 40  # sums of doubles depend on their order, sums of integers do not

def main():
    o = SimpleNamespace(**json.loads(sys.argv[1]))
    spark = SparkSession.builder.appName("dualtree").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    spark.conf.set("spark.sql.shuffle.partitions", o.partitions or 2 * spark.sparkContext.defaultParallelism)
    os.makedirs(f"{o.out}/data", exist_ok=True)
    for name in ("data/split.json", "item-graph.safetensors", "als.safetensors", "candidates.parquet", "evaluation.json", "spark.json"):
        Path(o.out, name).unlink(missing_ok=True)  # an earlier submission may have held out other pairs
    report, began = {}, time.time()

    def step(name, **facts):
        report[name] = {"seconds": round(time.time() - began, 2), **facts}
        print(f"{name}: {report[name]}", flush=True)

    pairs, users, items, counts = read(spark, o)
    step("read", **counts)
    core = k_core(pairs.where(f"part = {TRAIN}"), o.kCore)
    pairs = hold_out(core, pairs.where(f"part > {TRAIN}"), o).select("user", "item", "time", "part").localCheckpoint()
    step("split")
    pairs, users, items = dense(pairs, users, items)
    sizes = write_split(o, pairs, users, items)
    step("data", **sizes)
    train = pairs.where(f"part = {TRAIN}")
    graph = item_graph(spark, train, sizes["items"], o).localCheckpoint()
    write_graph(o.out, graph, items, sizes)
    step("itemGraph", weights=graph.count())
    if o.base == "als":
        als(train, sizes, o)
        step("als")
    if o.candidates:
        step("candidates", rows=write_candidates(spark, train, users, items, sizes, o))
    if o.evaluation:
        step("evaluation", **evaluate(spark, pairs, sizes, o))
    Path(o.out, "spark.json").write_text(json.dumps({"options": vars(o), "sizes": sizes, "steps": report}, indent=2))
    spark.stop()

def philox(seed, parts, c0, c1):
    """The words of Philox4x32-10 of the counters (c0, c1, 0, 0), as arrays of uint64; the key is derived from seed and parts."""
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
    counters, last, ranks = np.arange((items + 3) // 4), np.arange(items - 1, 0, -1), np.arange(items, dtype=np.int32)
    words = np.stack(philox(seed, ["ties"], counters, np.zeros_like(counters)), axis=1).reshape(-1)
    others = (words[: len(last)] * (last + 1).astype(np.uint64)) >> np.uint64(32)
    for at, other in zip(last.tolist(), others.tolist()):
        ranks[at], ranks[other] = ranks[other], ranks[at]
    return ranks

def numbered(df, *order, name):
    """The place of each row in an order, from 0, without bringing the rows to one machine; and how many there are."""
    placed = df.orderBy(*order).select("*", F.spark_partition_id().alias("_part"), F.monotonically_increasing_id().alias("_id")).localCheckpoint()
    parts = placed.groupBy("_part").agg(F.min("_id").alias("first"), F.count("*").alias("size")).orderBy("_part").toPandas()
    parts["shift"] = parts["size"].cumsum() - parts["size"] - parts["first"]
    shift = F.create_map(*[lit(value) for value in (-1, 0, *parts[["_part", "shift"]].to_numpy().ravel().tolist())])
    return placed.withColumn(name, (col("_id") + shift[col("_part")]).cast("int")).drop("_part", "_id"), int(parts["size"].sum())

def read(spark, o):
    """Pairs of codes, each once in its part; all are of train where no files of parts are given."""
    given = o.split == "given"
    reader = spark.read.options(header=True, enforceSchema=False, sep=o.separator, primitivesAsString=True)
    rows = reader.load(f"{o.data}/{{train,valid,test}}*" if given else o.data, format={"jsonl": "json"}.get(o.format, o.format))
    for column in filter(None, (o.user, o.item, o.time, o.rating)):
        if column not in rows.columns:
            sys.exit(f'{o.data} has no column "{column}": there are {", ".join(rows.columns)}')
    text = lambda name: F.trim(col(name).cast("string"))
    number = lambda name: (col(name) if name else lit(None)).cast("double")
    ms = F.to_timestamp(o.time).cast("double") * 1000 if o.time and o.timeUnit == "dates" else number(o.time) * TO_MS.get(o.timeUnit, 1.0)
    name = F.regexp_extract(F.input_file_name(), "^.*/(train|valid|test)", 1) if given else lit("train")
    part = F.when(name == "valid", VALID).when(name == "test", TEST).otherwise(TRAIN)
    columns = {"user_id": text(o.user), "item_id": text(o.item), "time": ms, "rating": number(o.rating), "part": part}
    rows = rows.select(*[column.alias(name) for name, column in columns.items()])
    found = {row[0]: row[1] for row in rows.groupBy("part").count().collect()}
    if given and not {TRAIN, TEST} <= found.keys():
        sys.exit(f"{o.data}: --split given needs train and test files, whose names begin so")
    rows = rows.where("user_id <> '' and item_id <> ''" + (" and time is not null" if o.time else "")).persist()
    total = sum(found.values())
    refused = total - rows.count()
    if refused > o.maxRefused * total:
        sys.exit(f"{o.data}: {refused} of {total} rows have no user, item or time that can be read: raise --max-refused, or mend them")
    users, items = vocabulary(rows, "user_id"), vocabulary(rows, "item_id")
    if o.minRating is not None:
        rows = rows.where(col("rating") >= o.minRating)
    coded = rows.join(users, "user_id").join(items, "item_id")
    pairs = coded.groupBy("user", "item", "part").agg(F.min("time").alias("time")).localCheckpoint()
    return pairs, users, items, {"rows": total, "refused": refused, "pairs": pairs.count()}

def vocabulary(rows, column):
    """Ids in order: integers by value where all are integers, else strings by UTF-16 code unit."""
    ids = rows.select(column).distinct().persist()
    whole = col(column).rlike(r"^(0|-?[1-9]\d{0,15})$") & (F.abs(col(column).cast("decimal(20,0)")) <= 2 ** 53 - 1)
    if not ids.where(col(column).rlike(r"^[+-]?\d+\.0*$|^[+-]?\d+(\.\d+)?[eE][+-]?\d+$")).isEmpty():
        sys.exit(f'column "{column}" has ids such as 1.0 or 1e3: write them as integers or as strings first')
    integers = ids.where(~whole).isEmpty()
    key, id = (col(column).cast("long"),) * 2 if integers else (F.encode(col(column), "UTF-16BE"), col(column))
    return numbered(ids.withColumn("_key", key), "_key", name=column[:4])[0].withColumn("id", id).drop("_key")

def k_core(pairs, k):
    """What is left when users and items of fewer than k pairs are dropped, until there are none."""
    counts = [None, pairs.count()]
    while k > 0 and counts[-1] != counts[-2]:
        for side in ("user", "item"):
            pairs = pairs.withColumn(f"_{side}", F.count("*").over(Window.partitionBy(side)))
        pairs = pairs.where(f"_user >= {k} and _item >= {k}").drop("_user", "_item").localCheckpoint()
        counts.append(pairs.count())
    if counts[-1] == 0:
        sys.exit(f"the {k}-core is empty: lower --k-core")
    return pairs

def hold_out(pairs, files, o):
    """The part of each pair; `files` are those of the valid and test files."""
    how = {"all": "random", "user": "per-user", "user-latest": "per-user-time"}[o.validFrom] if o.split == "given" else o.split
    drawn = how in ("random", "new-users", "per-user")
    pairs = pairs.withColumn("draw", draws(o.splitSeed, "split" if drawn else "ties"))
    if o.split == "given":
        complete = not files.where(f"part = {VALID}").isEmpty()
        return (pairs if complete else last(pairs, how, 0, o.validShare)).select(files.columns).unionByName(files)
    if how != "new-users":
        return last(pairs, how, o.testShare, o.validShare)
    own = Window.partitionBy("user")
    new = (draws(o.splitSeed, "new users", by_user=True) < o.testShare) & (F.count("*").over(own) > 1)
    pairs, place = pairs.withColumn("new", new).localCheckpoint(), F.row_number().over(own.orderBy("time", "draw"))
    held = pairs.where("new").withColumn("part", F.when(place <= F.ceil(F.count("*").over(own) / 2), GIVEN).otherwise(TEST))
    return last(pairs.where("not new"), "random", 0, o.validShare).select(held.columns).unionByName(held)

def last(pairs, how, test_share, valid_share):
    """The last pairs test, those before them validate: of all in an order, or of each user, whose first pair stays in train."""
    order = ["draw"] if how in ("random", "per-user") else ["time", "draw"]
    if how in ("random", "global-time"):
        pairs, n = numbered(pairs, *order, name="place")
        later, test, valid = n - 1 - col("place"), int(n * test_share + 0.5), int(n * valid_share + 0.5)
    else:
        own, n = Window.partitionBy("user"), F.count("*").over(Window.partitionBy("user"))
        later = F.row_number().over(own.orderBy(*map(F.desc, order))) - 1
        test = F.least(F.floor(n * test_share + 0.5), n - 1)
        valid = F.least(F.floor(n * valid_share + 0.5), n - 1 - test)
        if how == "leave-one-out":
            test = valid = F.when(n < 3, 0).otherwise(1)
    return pairs.withColumn("part", F.when(later < test, TEST).when(later < test + valid, VALID).otherwise(TRAIN))

def dense(pairs, users, items):
    """Codes of what train has, and of new users, in the order of the ids; what is held out of others, or earlier parts have, is left out."""
    known = {}
    for side, ids in (("user", users), ("item", items)):
        present = pairs.where(f"part = {TRAIN}" + (f" or part = {GIVEN}" if side == "user" else "")).select(side).distinct()
        known[side], _ = numbered(ids.join(present, side).select(side, col("id").alias(f"{side}_id")), side, name=side[0])
    coded = pairs.join(known["user"].select("user", "u"), "user").join(known["item"].select("item", "i"), "item")
    coded = coded.withColumn("first", F.min("part").over(Window.partitionBy("u", "i"))).where("part = first")
    return coded.drop("first").localCheckpoint(), known["user"].drop("user"), known["item"].drop("item")

def write_one(df, path):
    """One Parquet file, with its rows in their order."""
    df.coalesce(1).write.mode("overwrite").option("compression", "zstd").parquet(f"file://{path}.parts")
    (part,) = glob.glob(f"{path}.parts/part-*.parquet")
    os.replace(part, path)
    shutil.rmtree(f"{path}.parts")

def write_split(o, pairs, users, items):
    timed = not pairs.where("time is not null").isEmpty()
    columns = ["user_id", "item_id", *([col("time").alias("timestamp")] if timed else [])]
    tables = {"users": users.orderBy("u").select("user_id"), "items": items.orderBy("i").select("item_id")}
    for code, name in enumerate(PARTS if o.split == "new-users" else PARTS[:GIVEN]):
        part = pairs.where(f"part = {code}").join(users, "u").join(items, "i")
        tables[name] = part.orderBy("u", "i").select(*columns)
    for name, rows in tables.items():
        write_one(rows, f"{o.out}/data/{name}.parquet")
    sizes = {name: pairs.sparkSession.read.parquet(f"file://{o.out}/data/{name}.parquet").count() for name in tables}
    if sizes["train"] == 0:
        sys.exit("no interaction is left to train on: lower --k-core, or hold out less")
    manifest = {"format": "dualtree split", "version": 1, "rows": {name: sizes[name] for name in sizes if name != "given"}}
    facts = {**({"timeKind": "clock"} if timed else {}), **({"given": True} if "given" in sizes else {})}
    Path(o.out, "data/split.json").write_text(json.dumps({**manifest, **facts}, indent=2))
    return sizes

def item_graph(spark, train, items, o):
    """The heaviest neighbours of each item. Histories above the cap count with so many of their items, drawn by the seed."""
    by_user, by_item = (train.groupBy(side).agg(F.count("*").alias(f"d{side}")) for side in ("u", "i"))
    coded = train.join(by_user, "u").withColumn("draw", draws(o.seed, "cap"))
    capped = coded.withColumn("place", F.row_number().over(Window.partitionBy("u").orderBy("draw"))).where(f"place <= {o.cap}")
    walk = o.affinity == "rp3beta"
    step = F.round(F.pow("du", lit(-o.gamma)) * SCALE).cast("long") if walk else lit(1).cast("long")
    histories = capped.groupBy("u").agg(F.sort_array(F.collect_list("i")).alias("items"), F.first(step).alias("step"))
    first = histories.selectExpr("step", "items", "posexplode(items) as (at, i)").where("at + 1 < size(items)")
    half = first.selectExpr("step", "i", "explode(slice(items, at + 2, size(items))) as j").groupBy("i", "j").agg(F.sum("step").alias("shared"))
    degrees = F.broadcast(by_item)
    both = half.union(half.selectExpr("j as i", "i as j", "shared"))
    both = both.join(degrees, "i").join(degrees.withColumnsRenamed({"i": "j", "di": "dj"}), "j")
    scale = F.pow("di", lit(o.alpha)) * F.pow("dj", lit(o.beta)) if walk else F.sqrt(col("di").cast("double") * col("dj"))
    weight = col("shared") / (SCALE if walk else 1.0) / (scale + o.shrinkage)
    ties = spark.createDataFrame(pd.DataFrame({"j": np.arange(items, dtype=np.int32), "tie": tie_ranks(items, o.seed)}))
    top = both.select("i", "j", weight.cast("float").alias("weight")).join(F.broadcast(ties), "j")
    rank = F.row_number().over(Window.partitionBy("i").orderBy(F.desc("weight"), "tie"))
    return top.withColumn("rank", rank).where(f"rank <= {o.neighbors}").select("i", "rank", "j", "weight")

def write_graph(out, graph, items, sizes):
    both = graph.join(items, "i").join(items.withColumnsRenamed({"i": "j", "item_id": "neighbor_id"}), "j")
    write_one(both.orderBy("i", "rank").select("item_id", "rank", "neighbor_id", "weight"), f"{out}/item-graph.parquet")
    table = graph.select("i", "j", "weight").orderBy("i", "j").toPandas()
    offsets = np.searchsorted(table["i"], np.arange(sizes["items"] + 1)).astype(np.int32)
    tensors = {"weight_offsets": offsets, "weight_items": table["j"].to_numpy(np.int32), "weights": table["weight"].to_numpy(np.float32)}
    save_file(tensors, f"{out}/item-graph.safetensors", {"kind": "neighbors", "interactions": str(sizes["train"])})

def als(train, sizes, o):
    # a pass hangs on all before it: without checkpoints many of them overflow the stack
    train.sparkSession.sparkContext.setCheckpointDir(f"file://{o.out}/checkpoints")
    ratings = train.select("u", "i", lit(1.0).alias("one"))
    model = ALS(userCol="u", itemCol="i", ratingCol="one", implicitPrefs=True, checkpointInterval=5, **o.als).fit(ratings)
    tables = {}
    for name, factors, rows in (("user_vectors", model.userFactors, "users"), ("item_vectors", model.itemFactors, "items")):
        found, tables[name] = factors.toPandas(), np.zeros((sizes[rows], o.dimensions), np.float32)
        tables[name][found["id"]] = np.stack(found["features"])
    ridge = {name: str(getattr(o, name)) for name in ("unobservedWeight", "regularization")}
    save_file(tables, f"{o.out}/als.safetensors", {"model": "als", **ridge})
    save_file({"item_vectors": tables["item_vectors"]}, f"{o.out}/als-items.safetensors", ridge)
    shutil.rmtree(f"{o.out}/checkpoints")

def lists(pairs, name):
    return pairs.groupBy("u").agg(F.sort_array(F.collect_list("i")).alias(name))

def through_kernels(spark, lines, k, schema, sizes, o):
    """A line of JSON per user goes to dualtree's kernels on the executors; back come its list, or metrics where items are held out."""
    file = f"{'als-items' if o.rankBy == 'als' else 'item-graph'}.safetensors"
    spark.sparkContext.addFile(f"{o.out}/{file}")
    place = SparkFiles.get(file) if spark.sparkContext.master.startswith("local[") else file
    command = f"{o.node} job pipe {place} --items {sizes['items']} --k {k} --seed {o.seed}"
    answers = lines.select(F.to_json(F.struct("*"))).rdd.map(lambda row: row[0]).pipe(command, env=dict(os.environ), checkCode=True)
    return spark.read.schema(schema).json(answers)

def write_candidates(spark, train, users, items, sizes, o):
    found = through_kernels(spark, lists(train, "history"), o.candidatesPerUser, "u int, items array<int>, scores array<float>", sizes, o)
    found = found.selectExpr("u", "posexplode(arrays_zip(items, scores)) as (at, one)")
    found = found.selectExpr("u", "at + 1 as rank", "one.items as i", "one.scores as score").localCheckpoint()
    named = found.join(users, "u").join(items, "i").orderBy("u", "rank")
    write_one(named.select("user_id", "rank", "item_id", "score"), f"{o.out}/candidates.parquet")
    return found.count()

def evaluate(spark, pairs, sizes, o):
    on = PARTS.index(o.evaluateOn)
    known, truth = pairs.where(f"part = {TRAIN} or part = {GIVEN}"), pairs.where(f"part = {on}")
    seen = known if on == VALID else known.union(pairs.where(f"part = {VALID}"))
    lines = lists(seen, "seen").join(lists(known, "history"), "u").join(lists(truth, "heldOut"), "u")
    found = through_kernels(spark, lines, 20, "u int, recall double, ndcg double", sizes, o)
    means = found.agg(F.count("*").alias("users"), F.avg("recall").alias("recall@20"), F.avg("ndcg").alias("ndcg@20")).first().asDict()
    Path(o.out, "evaluation.json").write_text(json.dumps(means := {**means, "evaluatedOn": o.evaluateOn}, indent=2))
    return means

if __name__ == "__main__":
    main()
