import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderKubernetes, renderOptions, renderSlurm } from '../../src/engines/render.ts'
import { temporaryDirectory } from '../support/directory.ts'

const job = { folder: "/shared/it's a job", stage: 'candidates', shards: 100 }

describe('rendered jobs', () => {
  it('an array script for Slurm that bash can run', async () => {
    const script = renderSlurm(
      job,
      renderOptions.parse({ command: 'echo', hours: 1.5, more: '--base-url http://x/v1' }),
    )
    expect(script).toContain('#SBATCH --array=0-99%64\n')
    expect(script).toContain('#SBATCH --time=90\n')
    const file = join(await temporaryDirectory({ 'job.sh': script }), 'job.sh')
    expect(execFileSync('bash', [file], { encoding: 'utf8', env: { SLURM_CPUS_PER_TASK: '4' } })).toBe(
      "job run-shard /shared/it's a job --threads 4 --quiet --base-url http://x/v1\n",
    )
  })

  it('an Indexed Job for Kubernetes', () => {
    const manifest = renderKubernetes(job, renderOptions.parse({ parallel: 8, image: 'registry/dualtree:1' }))
    expect(manifest).toContain('completionMode: Indexed\n  completions: 100\n  parallelism: 8\n')
    expect(manifest).toContain('image: "registry/dualtree:1"')
    const command = /command: (\[.*\])/.exec(manifest)![1]
    expect(JSON.parse(command)).toEqual([
      '/bin/sh',
      '-c',
      String.raw`npx dualtree job run-shard '/shared/it'\''s a job' --threads 4 --quiet`,
    ])
    const refused = () => renderKubernetes({ ...job, folder: '/shared-2/job' }, renderOptions.parse({}))
    expect(refused).toThrow(
      '/shared-2/job is not below --mount /shared, and pods see nothing else: give the job folder',
    )
    expect(renderKubernetes(job, renderOptions.parse({ mount: '/' }))).toContain('mountPath: "/"')
  })
})
