import { type Command, InvalidArgumentError } from 'commander'
import { runJobShards } from '../../../engines/job.ts'
import { UsageError } from '../../../errors.ts'
import { askingOptions } from '../../../llm/asking-options.ts'
import { parseOptions } from '../../../options.ts'
import { showAsStage } from '../../../run/shown.ts'
import { addSchemaFlags, givenOf } from '../../shared/flags.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../../shared/session.ts'
import { integerFrom } from '../../shared/values.ts'

/** Of a machine that knows neither the run nor its budget. */
const shardAsking = askingOptions.omit({ prices: true, maxCost: true, maxTokens: true, failOnError: true })
/** Where schedulers say which of many equal tasks this one is: Slurm job arrays, Kubernetes indexed jobs. */
const INDEX_VARIABLES = ['SLURM_ARRAY_TASK_ID', 'JOB_COMPLETION_INDEX']

interface Flags extends SessionFlags {
  readonly index?: readonly number[]
  readonly threads?: number
}

/** `dualtree job run-shard <job> --index i`: one shard or a range of them, on any machine that sees the job folder. */
export function configure(command: Command): void {
  command
    .argument('<job>', 'job folder that "job plan" or "judge export" made')
    .option(
      '--index <i>',
      `which shard, from 0, or a range such as 0-9 (default: ${INDEX_VARIABLES.join(' or ')})`,
      parseIndices,
    )
    .option('--threads <n>', 'threads of the kernels (default: those of the run)', integerFrom(0))
  addSchemaFlags(addOutputFlags(command), shardAsking).action(async (folder: string, flags: Flags) => {
    const indices = flags.index ?? [indexFromEnvironment()]
    const [index, last] = [indices[0], indices.at(-1)!]
    const name = indices.length === 1 ? `shard ${index}` : `shards ${index} to ${last}`
    const asking = parseOptions(shardAsking, givenOf(shardAsking, flags), 'run-shard')
    const result = await inView(flags, ({ signal, emit }) =>
      showAsStage(emit, { stage: name.replaceAll(' ', '-'), title: `Processing ${name}` }, progress =>
        runJobShards(folder, indices, asking, { signal, progress, threads: flags.threads }),
      ),
    )
    const before = result.before > 0 ? `, ${result.before} of them from before` : ''
    show({ text: `${name}: ${result.rows} rows${before}`, json: { folder, index, last, ...result } }, flags)
  })
}

function indexFromEnvironment(): number {
  for (const name of INDEX_VARIABLES) {
    const text = process.env[name]
    if (text === undefined || text === '') continue
    if (!/^\d+$/.test(text)) throw new UsageError(`${name}="${text}": expected the index of a shard, from 0`)
    return Number(text)
  }
  throw new UsageError(`which shard? give --index <i>, or set ${INDEX_VARIABLES.join(' or ')}`)
}

function parseIndices(text: string): number[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const length = Number(last) - Number(first) + 1
  if (!(length > 0)) throw new InvalidArgumentError(`expected an integer from 0 or a range such as 0-9, got "${text}"`)
  return Array.from({ length }, (_, at) => Number(first) + at)
}
