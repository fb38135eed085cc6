/** A data set prepared by Apache Spark: options, and the command that submits `dualtree_spark.py`. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { sourceOptions, splitNames } from '../dataset/source.ts'
import { UsageError } from '../errors.ts'
import { baselines } from '../models/baselines/index.ts'
import { choice, flag, integer, number, positive } from '../options.ts'
import { engineFile, findProgram } from './programs.ts'

const { minRating, kCore, validFrom, validShare, testShare, splitSeed, maxRefused } = sourceOptions.shape
const defaultsOf = (name: string) => baselines.get(name).options.shape as Record<string, z.ZodDefault>
const [rp3beta, ials] = [defaultsOf('rp3beta'), defaultsOf('ials')]

/** Named and meant as those of `dualtree run` where both have them. */
export const sparkOptions = z.object({
  format: choice(['csv', 'jsonl', 'parquet']).describe('how the files are written'),
  separator: z.string().length(1).default(',').describe('between the columns of CSV'),
  user: z.string().default('user_id').describe('column of the user id'),
  item: z.string().default('item_id').describe('column of the item id'),
  time: z.string().optional().describe('column of the time; without it there is none'),
  timeUnit: choice(['seconds', 'milliseconds', 'microseconds', 'nanoseconds', 'dates']).describe('unit of the times'),
  rating: z.string().optional().describe('column of the rating, used by --min-rating only'),
  ...{ minRating, kCore, maxRefused },
  split: z
    .enum(splitNames)
    .default('random')
    .describe(
      'what is held out, as in "dualtree run"; given: files whose names begin with train, test and perhaps valid',
    ),
  ...{ validFrom, validShare, testShare, splitSeed },
  seed: z.int().default(1).describe('seed of the cap, of the order of equal weights, and of ALS'),
  cap: integer(2)
    .default(100)
    .describe('items of a history that enter the item graph; of longer ones so many are drawn')
    .meta({ unit: 'items' }),
  affinity: choice(['rp3beta', 'cosine']).describe('weights of the item graph'),
  alpha: rp3beta.alpha,
  beta: rp3beta.beta,
  gamma: number(0, 4).default(0.5).describe('γ of RP³β, power of the number of interactions of a user'),
  shrinkage: rp3beta.shrinkage,
  neighbors: rp3beta.neighbors,
  base: choice(['none', 'als']).describe(
    'base model: implicit ALS of MLlib, which is ials with --ials-regularization-exponent 1',
  ),
  dimensions: ials.dimensions,
  epochs: ials.epochs,
  unobservedWeight: ials.unobservedWeight,
  regularization: positive(100).default(0.2).describe('λ, times the interactions of a row'),
  candidates: flag.describe('rank for all users too, through the kernels of dualtree'),
  candidatesPerUser: integer(1, 1000, 'items').default(20).describe('how many'),
  evaluation: flag.describe('evaluate the ranking too'),
  evaluateOn: choice(['valid', 'test']).describe('on which held-out part'),
  rankBy: choice(['graph', 'als']).describe('what candidates and evaluation rank by'),
  partitions: integer(1).optional().describe('partitions of a shuffle; two per core when absent'),
})

export interface SparkSubmit {
  readonly data: string
  /** folder that the driver and the executors see */
  readonly out: string
  readonly options: z.output<typeof sparkOptions>
  /** of `spark-submit`; on the PATH or in SPARK_HOME when absent */
  readonly program?: string | undefined
  readonly master?: string | undefined
  /** further arguments of spark-submit, such as `--executor-memory` and `4g` */
  readonly more?: readonly string[]
  /** command by which an executor starts dualtree; that of this process when absent */
  readonly worker?: string | undefined
}

/**
 * The command line of a submission.
 * @throws UsageError where there is no spark-submit, or a column is missing
 */
export function sparkCommand({ data, out, options, program, master = 'local[*]', more = [], worker }: SparkSubmit) {
  const { split, validFrom, time, rating, minRating } = options
  const timed = split === 'given' ? validFrom === 'user-latest' : split !== 'random' && split !== 'new-users'
  if (timed && time === undefined)
    throw new UsageError(
      `${split === 'given' ? `--valid-from ${validFrom}` : `--split ${split}`} needs times: name their column with --time`,
    )
  if (minRating !== undefined && rating === undefined)
    throw new UsageError('--min-rating needs ratings: name their column with --rating')
  const command =
    program ?? findProgram('spark-submit', [process.env.SPARK_HOME && resolve(process.env.SPARK_HOME, 'bin')])
  if (command === undefined)
    throw new UsageError(
      'no spark-submit on the PATH or in SPARK_HOME: install Apache Spark or "pip install pyspark", or give --spark-submit <path>',
    )
  const node = worker ?? [process.execPath, '--no-warnings', process.argv[1]].join(' ')
  const request = { ...ABSENT, ...options, als: alsOf(options), data, out: resolve(out), node }
  return {
    command,
    args: ['--master', master, ...more, engineFile('spark', 'dualtree_spark.py'), JSON.stringify(request)],
  }
}

const ABSENT = { time: null, rating: null, minRating: null, partitions: null }

/**
 * MLlib weighs observed pairs 1 + alpha and others 1, and regularises a row by regParam times its interactions. Divided by alpha that is the
 * loss of iALS with κ = 0 and ν = 1, the targets aside, which are 1 + 1 / alpha there.
 */
function alsOf({ dimensions, epochs, unobservedWeight, regularization, seed }: z.output<typeof sparkOptions>) {
  const alpha = 1 / Number(unobservedWeight)
  return { rank: dimensions, maxIter: epochs, alpha, regParam: regularization * alpha, seed }
}
