/** Stage `trees`: the two index trees and the items' codes in them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { idColumn, readTable, writeTable } from '../../dataset/table.ts'
import { DataError } from '../../errors.ts'
import { writeAtomic } from '../../files.ts'
import type { Codes } from '../../kernels/interface/kernels.ts'
import { buildTrees, codesOf, type Trees } from '../../trees/build.ts'
import { codeOf, formatCode, packCodes, parseCode, VIEWS, type ViewCodes } from '../../trees/codes.ts'
import type { Run, RunData } from '../context.ts'
import { runStage, type StageResult } from '../stage.ts'
import { itemVectorsFor, itemVectorsInput } from './item-vectors.ts'
import type { TrainedModel } from './train.ts'

/** The trees without their codes: shapes, counts and how the eigenvectors were found. */
export interface TreeDescription {
  readonly structural: Omit<Trees['structural'], 'codes'>
  readonly semantic: Omit<Trees['semantic'], 'codes'>
}

export interface StoredTrees {
  readonly codes: ViewCodes
  readonly description: TreeDescription
}

/** @param name of the stage's folder */
export async function treesStage(
  run: Run,
  data: RunData,
  base: StageResult<TrainedModel>,
  name = 'trees',
): Promise<StageResult<StoredTrees>> {
  const { plan, kernels, signal } = run
  const { train } = data.value
  return runStage(run, {
    name,
    title: 'Building the two index trees',
    options: { seed: plan.run.seed, ...plan.trees },
    inputs: { data: data.hash, base: base.hash, ...(await itemVectorsInput(plan, 'tree')) },
    async compute(folder, report) {
      const given = await itemVectorsFor(plan, 'tree', train, report)
      const trees = await buildTrees({
        train,
        itemVectors: given?.values ?? base.value.embeddings.itemVectors,
        kernels,
        options: plan.trees,
        seed: plan.run.seed,
        ...(signal && { signal }),
        progress: ({ view, step, done, total }) => report.progress(done, total, `${view} ${step}`),
      })
      await writeCodeTable(join(folder, 'codes.parquet'), codesOf(trees), data)
      const { codes: _s, ...structural } = trees.structural
      const { codes: _e, ...semantic } = trees.semantic
      await writeAtomic(join(folder, 'trees.json'), `${JSON.stringify({ structural, semantic })}\n`)
    },
    async load(folder) {
      const description = JSON.parse(await readFile(join(folder, 'trees.json'), 'utf8'))
      return { codes: await readCodeTable(join(folder, 'codes.parquet')), description }
    },
  })
}

function writeCodeTable(
  path: string,
  { structural, semantic }: ViewCodes,
  { value: { train } }: RunData,
): Promise<void> {
  const column = (name: string, codes: Codes) => ({
    name,
    type: 'VARCHAR' as const,
    value: (item: number) => formatCode(codeOf(codes, item)),
  })
  const columns = [
    idColumn('item_id', train.itemIds, item => item),
    column('structural', structural),
    column('semantic', semantic),
  ]
  return writeTable(path, columns, train.items)
}

/** Reads `codes.parquet`, in the items' internal order. */
export async function readCodeTable(path: string): Promise<ViewCodes> {
  const table = await readTable(path, VIEWS)
  const unpack = (column: string) =>
    packCodes(
      table[column].map(text => {
        const code = parseCode(String(text))
        if (!code) throw new DataError(`${path}: "${text}" in column "${column}" is no item code; run the stage again`)
        return code
      }),
    )
  return { structural: unpack('structural'), semantic: unpack('semantic') }
}
