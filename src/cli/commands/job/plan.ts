import { type Command, Option } from 'commander'
import { planJob } from '../../../engines/job.ts'
import { defaultJobFolder, type JobStage, jobStages } from '../../../engines/job-file.ts'
import { addOptionFlags, givenOptions } from '../../shared/flags.ts'
import { JUDGE_OPTIONS } from '../../shared/help.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../../shared/session.ts'
import { integerFrom } from '../../shared/values.ts'

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
    .requiredOption('--shards <n>', 'how many', integerFrom(1))
    .option('--out <folder>', 'job folder (default: <run>/jobs/<stage>)')
    .option('--k <n>', 'items per user; for --stage recommend (default: 10)', integerFrom(1))
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
      const lines = [
        `${planned.rows} ${planned.of} in ${planned.shards} shards: ${folder}`,
        `On each machine: dualtree job run-shard ${folder} --index <0 to ${last}>`,
        `Then:            dualtree job merge ${folder}`,
      ]
      show({ text: lines.join('\n'), json: { run, stage, ...planned } }, flags)
    },
  )
}
