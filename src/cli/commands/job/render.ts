import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import { jobState } from '../../../engines/job.ts'
import { renderKubernetes, renderOptions, renderSlurm } from '../../../engines/render.ts'
import { parseOptions } from '../../../options.ts'
import { addSchemaFlags, givenOf } from '../../shared/flags.ts'

/** `dualtree job render slurm|k8s <job>`: the script or manifest on stdout. */
export function configure(command: Command): void {
  command
    .addArgument(new Argument('<scheduler>', 'who hands the shards out').choices(['slurm', 'k8s']))
    .argument('<job>', 'job folder')
    .option('--folder <path>', 'the job folder as workers see it (default: as it is here)')
  addSchemaFlags(command, renderOptions).action(
    async (scheduler: string, job: string, flags: Record<string, unknown> & { folder?: string }) => {
      const { stage, states } = await jobState(job)
      const options = parseOptions(renderOptions, givenOf(renderOptions, flags), 'job render')
      const rendered = { folder: flags.folder ?? resolve(job), stage, shards: states.length }
      process.stdout.write((scheduler === 'slurm' ? renderSlurm : renderKubernetes)(rendered, options))
    },
  )
}
