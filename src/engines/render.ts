/** A job as what schedulers take: a Slurm array script, a Kubernetes Indexed Job. */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { integer, positive, text } from '../options.ts'
import { shellWord } from '../shell.ts'

export const renderOptions = z.object({
  command: text.default('npx dualtree').describe('how a worker starts dualtree').meta({ unit: 'shell words' }),
  more: z.string().default('').describe('further flags of run-shard, such as "--base-url http://localhost:8000/v1"'),
  cpus: integer(1, 1024, 'processors').default(4).describe('of a worker'),
  memory: integer(1, 4096, 'GB').default(8).describe('of a worker'),
  parallel: integer(1, 100_000, 'workers').default(64).describe('workers at once'),
  hours: positive(10_000, 'hours').default(24).describe('a worker may take'),
  image: text.default('node:26').describe('container of a Kubernetes worker'),
  claim: text.default('dualtree').describe('volume claim of Kubernetes that holds runs and jobs'),
  mount: text.default('/shared').describe('where it is mounted'),
})

export type RenderOptions = z.output<typeof renderOptions>

export interface RenderedJob {
  /** job folder, as the workers see it */
  readonly folder: string
  readonly stage: string
  readonly shards: number
}

/** One array task per shard; a task that is requeued leaves the same part. */
export function renderSlurm({ folder, stage, shards }: RenderedJob, options: RenderOptions): string {
  const { command, more, cpus, memory, parallel, hours } = options
  const minutes = Math.ceil(hours * 60)
  return `#!/bin/bash
#SBATCH --job-name=dualtree-${stage}
#SBATCH --array=0-${shards - 1}%${Math.min(parallel, shards)}
#SBATCH --cpus-per-task=${cpus}
#SBATCH --mem=${memory}G
#SBATCH --time=${minutes}
#SBATCH --requeue
${`${command} job run-shard ${shellWord(folder)} --threads "$SLURM_CPUS_PER_TASK" --quiet ${more}`.trimEnd()}
`
}

/**
 * An Indexed Job; a pod that fails is started again, alone.
 * @throws UsageError where pods would not see the job folder
 */
export function renderKubernetes({ folder, stage, shards }: RenderedJob, options: RenderOptions): string {
  const { command, more, cpus, memory, parallel, hours, image, claim, mount } = options
  if (!`${folder}/`.startsWith(`${mount.replace(/\/+$/, '')}/`))
    throw new UsageError(
      `${folder} is not below --mount ${mount}, and pods see nothing else: give the job folder as they see it (--folder), or another --mount`,
    )
  const line = `${command} job run-shard ${shellWord(folder)} --threads ${cpus} --quiet ${more}`.trimEnd()
  const text = (value: string) => JSON.stringify(value)
  return `apiVersion: batch/v1
kind: Job
metadata:
  name: dualtree-${stage}
  labels: { app.kubernetes.io/name: dualtree }
spec:
  completionMode: Indexed
  completions: ${shards}
  parallelism: ${Math.min(parallel, shards)}
  backoffLimitPerIndex: 5
  activeDeadlineSeconds: ${Math.ceil(hours * 3600 * Math.ceil(shards / parallel))}
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: shard
          image: ${text(image)}
          command: ["/bin/sh", "-c", ${text(line)}]
          resources:
            requests: { cpu: ${text(String(cpus))}, memory: ${text(`${memory}G`)} }
            limits: { memory: ${text(`${memory}G`)} }
          volumeMounts:
            - { name: shared, mountPath: ${text(mount)} }
      volumes:
        - name: shared
          persistentVolumeClaim: { claimName: ${text(claim)} }
`
}
