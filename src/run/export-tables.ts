/** What a run made, as Parquet tables by external ids: for trainings, databases and judgements elsewhere. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { idColumn, writeTable } from '../dataset/table.ts'
import { UsageError } from '../errors.ts'
import { makeDirectory } from '../files.ts'
import { didYouMean } from '../nearest.ts'
import { formatCount } from '../numbers.ts'
import { anything, integer, parseOptions, text } from '../options.ts'
import { checkRequest } from '../requests.ts'
import { drawNegatives } from '../samplers/given-vectors.ts'
import type { Run, RunData } from './context.ts'
import { readOptions } from './directory.ts'
import { withFinishedStages } from './finished-stages.ts'
import { FINAL_METHOD, isFinal } from './method-names.ts'
import { finalEnhanced, trainMethods } from './methods.ts'
import type { PartChoice } from './options/plan.ts'
import { prepare } from './run-stages.ts'
import type { Ingredients, Judged, TrainedMethod } from './trained-method.ts'

const tableNames = ['embeddings', 'negatives', 'codes', 'verdicts'] as const

export const exportTableOptions = z.object({
  what: z
    .array(z.enum(tableNames))
    .min(1)
    .describe(`tables by external ids, in place of a model: ${tableNames.join(', ')}; --to is then their directory`),
  method: z
    .string()
    .default(FINAL_METHOD)
    .describe('with --what: the trained row whose vectors and negatives they are'),
  perPositive: integer(1, 1024)
    .optional()
    .describe('with --what negatives: negatives per positive; as many as in training when absent'),
})

export interface ExportTablesRequest extends z.input<typeof exportTableOptions> {
  readonly directory: string
  /** directory to write */
  readonly to: string
}

const FIELDS = { ...{ directory: text, to: text, what: anything, method: anything, perPositive: anything } }

type Asked = z.output<typeof exportTableOptions> & Pick<ExportTablesRequest, 'directory' | 'to'>

/** Trained stages and what they were made from, where a table needs them. */
interface Trained {
  readonly method: TrainedMethod
  readonly made: Ingredients
}

/**
 * Reads the stages that are there, and makes none.
 * @returns a sentence for each file
 * @throws UsageError for an unknown table or method, or a run that lacks a stage
 */
export async function exportTables(request: ExportTablesRequest): Promise<string[]> {
  checkRequest('exportTables', FIELDS, request)
  const { directory, to, ...options } = request
  const asked = { ...parseOptions(exportTableOptions, options, 'export'), directory, to }
  const tables = tableNames.filter(name => asked.what.includes(name))
  const trains = tables.includes('embeddings') || tables.includes('negatives')
  const until = trains ? 'evaluate' : tables.includes('verdicts') ? 'judge' : 'trees'
  const kept = await readOptions(directory)
  return withFinishedStages(directory, kept, { remedy: `dualtree ${until} ${directory}` }, async (run, data) => {
    const made = await prepare(run, data, until)
    await makeDirectory(to)
    const trained = trains ? await trainedMethod(run, data, made as Ingredients, asked.method) : undefined
    const said: string[] = []
    for (const name of tables)
      said.push(
        name === 'embeddings'
          ? await writeEmbeddings(data, trained!.method, to)
          : name === 'negatives'
            ? await writeNegatives(run, data, trained!, asked)
            : await copyTable(name === 'codes' ? 'trees' : 'judge', `${name}.parquet`, asked),
      )
    return said
  })
}

async function trainedMethod(run: Run, data: RunData, made: Ingredients, wanted: string): Promise<Trained> {
  const own = (await trainMethods(run, data, made)).filter(
    ({ protocol, fusion, rerank }) => protocol === 'strict' && !fusion && !rerank,
  )
  const method = own.find(({ name }) => name === wanted)
  if (method) return { method, made }
  const names = own.map(({ name }) => name)
  throw new UsageError(
    `--method ${wanted}: no row of the run with vectors of its own: choose from ${names.join(', ')}${didYouMean(wanted, names)}`,
  )
}

async function writeEmbeddings({ value: { train } }: RunData, { name, model }: TrainedMethod, to: string) {
  const { userVectors, itemVectors, dimensions, scorer } = model.value.embeddings
  for (const [file, column, ids, vectors] of [
    ['users', 'user_id', train.userIds, userVectors],
    ['items', 'item_id', train.itemIds, itemVectors],
  ] as const) {
    const value = (row: number) => Array.from(vectors.subarray(row * dimensions, (row + 1) * dimensions))
    const columns = [idColumn(column, ids, row => row), { name: 'vector', type: 'FLOAT[]' as const, value }]
    await writeTable(join(to, `embeddings-${file}.parquet`), columns, ids.ids.length)
  }
  const score = scorer
    ? 'The score is not their inner product but that of its network.'
    : 'A score is the inner product.'
  return `embeddings-users.parquet, embeddings-items.parquet: ${train.users} users and ${train.items} items, vectors of ${dimensions} (${name}). ${score}`
}

async function writeNegatives(
  run: Run,
  data: RunData,
  { method, made }: Trained,
  { to, perPositive = run.plan.training.negatives }: ExportTablesRequest,
) {
  const { train } = data.value
  const enhanced = isFinal(method.name) ? finalEnhanced(run, train, made as Judged) : { train, forbidden: train.byUser }
  // without DTL-NS a run may have none
  const trees =
    made.trees ?? (await prepare({ ...run, readOnly: `dualtree trees ${run.directory}` }, data, 'trees')).trees!
  const sampler = method.options.sampler as PartChoice
  const rows = drawNegatives({
    ...{ ...enhanced, kernels: run.kernels, perPositive, seed: run.plan.run.seed },
    ...{ embeddings: method.model.value.embeddings, codes: trees.value.codes },
    sampler: { part: sampler.name, options: sampler.options },
  })
  const float = (name: string, values: Float32Array) => ({
    ...{ name, type: 'FLOAT' as const },
    value: (row: number) => values[row],
  })
  await writeTable(
    join(to, 'negatives.parquet'),
    [
      idColumn('user_id', train.userIds, row => rows.users[row]),
      idColumn('positive_id', train.itemIds, row => rows.positives[row]),
      idColumn('negative_id', train.itemIds, row => rows.negatives[row]),
      float('score', rows.scores),
      float('structural_similarity', rows.structural),
      float('semantic_similarity', rows.semantic),
    ],
    rows.negatives.length,
  )
  const skipped = rows.skipped ? `; ${formatCount(rows.skipped)} positives of users with no item left have none` : ''
  return `negatives.parquet: ${formatCount(rows.negatives.length)} rows, ${perPositive} per positive, picked by ${sampler.name} with the vectors of ${method.name}${skipped}.`
}

/** A table that a stage keeps by external ids. */
async function copyTable(stage: string, file: string, { directory, to }: Asked): Promise<string> {
  await copyFile(join(directory, stage, file), join(to, file))
  return `${file}: as in ${join(directory, stage)}.`
}
