/** Jobs of this package on this machine: killed workers, the validity of a manifest, a real Slurm. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { derive, randomStream } from '../src/random.ts'
import { call, check, dualtree, expect, folder, hashStage, NODE, skipped, writeShop } from './harness.ts'

const KILLS = 100

/** A run with its base model, and one that is finished up to the candidates. */
export async function newRuns(): Promise<{ alone: string; shared: string }> {
  const [alone, shared] = ['alone', 'shared'].map(name => join(folder, name))
  if (existsSync(alone)) return { alone, shared }
  const { csv } = writeShop()
  for (const run of [alone, shared]) await dualtree('train', csv, '--out', run, '--epochs', '2', '--quiet')
  await dualtree('candidates', alone, '--quiet')
  return { alone, shared }
}

export async function checkKills(): Promise<void> {
  await check(`${KILLS} kills of a worker leave the same bytes`, async () => {
    const { alone, shared } = await newRuns()
    const job = join(folder, 'killed')
    await dualtree('job', 'plan', shared, '--stage', 'candidates', '--shards', '3', '--out', job, '--quiet')
    const random = randomStream(derive(1, 'kills'))
    const args = [...NODE.slice(1), 'job', 'run-shard', job, '--quiet', '--threads', '1', '--index']
    const part = join(job, 'part-1.safetensors')
    await call(NODE[0], [...args, '1'])
    const bytes = readFileSync(part)
    let [killed, longest] = [0, 400]
    while (killed < KILLS) {
      for (const name of [part, join(job, 'part-1.ok')]) rmSync(name, { force: true })
      // several kills of one attempt after another: what one leaves, the next finds
      for (let ended = false; !ended && killed < KILLS; ) {
        const worker = spawn(NODE[0], [...args, '1'], { stdio: 'ignore' })
        const end = new Promise(done => worker.once('exit', done))
        const start = performance.now()
        await Promise.race([end, sleep(random.below(longest))])
        ended = worker.exitCode !== null
        if (ended) longest = Math.max(50, Math.min(longest, (performance.now() - start) * 1.2))
        else killed += Number(worker.kill('SIGKILL'))
        await end
        if (!ended) longest = Math.min(5000, longest * 1.1)
        const ok = existsSync(join(job, 'part-1.ok'))
        if (ok) expect(readFileSync(part).equals(bytes), 'a part that is declared whole, with other bytes')
        ended ||= ok
      }
    }
    for (const index of [0, 1, 2]) await call(NODE[0], [...args, String(index)])
    expect(readFileSync(part).equals(bytes), 'other bytes after the kills')
    await dualtree('job', 'merge', job, '--quiet')
    expect(JSON.stringify(hashStage(shared, 'candidates')) === JSON.stringify(hashStage(alone, 'candidates')), 'other candidates') // biome-ignore format: one line
    return { killed }
  })
}

export async function checkManifest(bin: string): Promise<void> {
  await check('the Kubernetes manifest keeps to the published schema', async () => {
    const { shared } = await newRuns()
    const job = join(folder, 'rendered')
    await dualtree('job', 'plan', shared, '--stage', 'candidates', '--shards', '4', '--out', job, '--quiet')
    const file = join(folder, 'job.yaml')
    const manifest = await dualtree('job', 'render', 'k8s', job, '--folder', '/shared/job')
    writeFileSync(file, manifest)
    await call(join(bin, 'kubernetes-validate'), ['--strict', file])
    writeFileSync(file, manifest.replace('completions: 4', 'completions: four'))
    const refused = await call(join(bin, 'kubernetes-validate'), ['--strict', file]).then(() => false, () => true) // biome-ignore format: one line
    expect(refused, 'a wrong manifest that is not refused')
    return { kind: 'Job', completionMode: 'Indexed' }
  })
}

export async function checkRecipe(bin: string): Promise<void> {
  await check('the recipe for Kubernetes keeps to the published schema', async () => {
    const recipe = resolve(import.meta.dirname, '../docs/examples/kubernetes.yaml')
    await call(join(bin, 'kubernetes-validate'), ['--strict', recipe])
    return { kinds: readFileSync(recipe, 'utf8').match(/^kind: .*/gm) }
  })
}

/** An array of Slurm tasks over the shards, on a cluster of this machine. */
export async function checkSlurm(): Promise<void> {
  const program = ['munged', 'slurmctld', 'slurmd', 'sbatch'].find(name => {
    try {
      execFileSync('which', [name], { stdio: 'ignore' })
    } catch {
      return true
    }
    return false
  })
  if (program !== undefined) return skipped('Slurm', `there is no ${program} (apt-get install slurm-wlm munge)`)
  if (process.getuid?.() !== 0) return skipped('Slurm', 'its daemons are started as root here')
  const state = join(folder, 'slurm')
  const environment = { SLURM_CONF: join(state, 'slurm.conf') }
  try {
    await check('an array of Slurm tasks makes the candidates of one machine', async () => {
      await call('bash', [resolve(import.meta.dirname, 'slurm/cluster.sh'), state])
      const { alone, shared } = await newRuns()
      const job = join(folder, 'by-slurm')
      await dualtree('job', 'plan', shared, '--stage', 'candidates', '--shards', '3', '--out', job, '--quiet')
      const small = ['--cpus', '1', '--memory', '1', '--command', NODE.join(' ')]
      const script = join(folder, 'job.sh')
      writeFileSync(script, await dualtree('job', 'render', 'slurm', job, ...small))
      for (let waited = 0; ; waited++) {
        const nodes = await call('sinfo', ['-h', '-o', '%t'], environment).catch(error => String(error))
        if (nodes.trim() === 'idle') break
        if (waited > 60) throw new Error(`Slurm has no node: ${nodes}`)
        await sleep(1000)
      }
      const output = ['--output', join(folder, 'slurm-%a.log')]
      const id = (await call('sbatch', ['--parsable', ...output, '--wait', script], environment)).trim()
      rmSync(join(shared, 'candidates'), { recursive: true, force: true })
      await dualtree('job', 'merge', job, '--quiet')
      expect(JSON.stringify(hashStage(shared, 'candidates')) === JSON.stringify(hashStage(alone, 'candidates')), 'other candidates') // biome-ignore format: one line
      return { job: id, version: (await call('sbatch', ['--version'], environment)).trim() }
    })
  } finally {
    for (const file of ['slurmctld.pid', 'slurmd.pid', 'munge/pid']) {
      const path = join(state, file)
      if (existsSync(path)) process.kill(Number(readFileSync(path, 'utf8')))
    }
  }
}
