import { type Command, InvalidArgumentError, Option } from 'commander'
import { planJob } from '../../../engines/job.ts'
import { defaultJobFolder, type JobStage, jobStages } from '../../../engines/job-file.ts'
import { addOptionFlags, givenOptions } from '../../shared/flags.ts'
import { JUDGE_OPTIONS } from '../../shared/help.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../../shared/session.ts'

interface Flags extends SessionFlags {
  readonly stage: JobStage
  readonly shards: number
  readonly k?: number
  readonly method?: string
}

/** `dualtree job plan <run> --stage s --shards n`: makes what the stage needs, and a folder that says who does what. */
export function configure(command: Command): void {
  command
    .argument('<run>', 'run directory; for recommendations also a model folder')
    .addOption(new Option('--stage <name>', 'stage to cut').choices(jobStages).makeOptionMandatory())
    .requiredOption('--shards <n>', 'how many', parseCount)
    .option('--out <folder>', 'job folder (default: <run>/jobs/<stage>)')
    .option('--k <n>', 'items per user; for --stage recommend (default: 10)', parseCount)
    .option('--method <name>', 'row of the table; for --stage recommend (default: that of "dualtree recommend")')
  addOutputFlags(addOptionFlags(command, ['Run', 'Judge', 'Items'], JUDGE_OPTIONS)).action(
    async (run: string, flags: Flags) => {
      const { stage, shards, k, method } = flags
      const folder = flags.out ?? defaultJobFolder(run, stage)
      const recommend = { ...(k !== undefined && { k }), ...(method !== undefined && { method }) }
      const options = givenOptions(flags)
      const planned = await inView(flags, watch =>
        planJob(stage, { run, folder, shards, options, recommend, ...watch }),
      )
      const last = planned.shards - 1
      show(
        {
          text: [
            `${planned.rows} ${planned.of} in ${planned.shards} shards: ${folder}`,
            `On each machine: dualtree job run-shard ${folder} --index <0 to ${last}>`,
            `Then:            dualtree job merge ${folder}`,
          ].join('\n'),
          json: { run, stage, ...planned },
        },
        flags,
      )
    },
  )
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError(`expected an integer from 1, got "${text}"`)
  return count
}
