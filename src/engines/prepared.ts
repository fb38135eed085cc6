/** What an engine prepared, as the beginning of a run: the split, an item graph, a base model, candidates. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isPreparedSplit } from '../dataset/prepared.ts'
import { DataError, UsageError } from '../errors.ts'
import { sha256 } from '../files.ts'
import { defineBaseline } from '../models/baselines/baseline.ts'
import { recommendByNeighbors } from '../models/baselines/item-knn.ts'
import { openWeights } from '../models/rows.ts'
import { decodeTensors } from '../models/safetensors.ts'

/** The files of a prepared folder, beside `data/`; `dualtree_spark.py` writes them. */
const [GRAPH, MODEL, CANDIDATES] = ['item-graph.safetensors', 'als.safetensors', 'candidates.parquet']

/**
 * The source, options and parts of `run`.
 * @throws UsageError when the folder holds no split; DataError when its item graph is damaged
 */
export async function openPrepared(folder: string) {
  const source = join(folder, 'data')
  if (!(await isPreparedSplit(source)))
    throw new UsageError(
      `--prepared ${folder}: expected a folder of "dualtree spark submit", with data/split.json; give the folder of its --out`,
    )
  const file = (name: string) => (existsSync(join(folder, name)) ? join(folder, name) : undefined)
  const [graph, baseModel, candidates] = [GRAPH, MODEL, CANDIDATES].map(file)
  return {
    source,
    options: { ...(baseModel && { baseModel }), ...(candidates && { candidates }) },
    parts: graph ? [await itemGraph(graph)] : [],
  }
}

/** The item graph as a row of the table. */
async function itemGraph(path: string) {
  const bytes = await readFile(path)
  const { tensors, metadata } = decodeTensors(bytes, path)
  const { weight_offsets: offsets, weight_items: indices, weights } = tensors
  if (!offsets || !indices || !weights)
    throw new DataError(
      `${path}: expected tensors "weight_offsets", "weight_items" and "weights"; prepare the data again`,
    )
  const graph = defineBaseline({
    name: 'item-graph',
    summary: 'Ranks items by the weights of an item graph that was counted elsewhere.',
    source: path,
    options: z.object({}),
    unsupportedReason({ items, interactions }) {
      if (offsets.values.length !== items + 1)
        return `${path} has ${offsets.values.length - 1} items, the data ${items}: prepare the data again`
      if (interactions !== Number(metadata.interactions))
        return `${path} was counted on train: it is not fitted again on what was observed later`
      return undefined
    },
    fit: ({ train, kernels }) =>
      recommendByNeighbors(kernels, train, openWeights({ kernels, tensor: name => tensors[name].values })),
  })
  return { ...graph, version: sha256(bytes) }
}
