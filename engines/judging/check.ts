/**
 * `npm run test:engines`: judging with real servers, where they are installed; what is not is skipped and said. Nothing of them is a
 * dependency: DUALTREE_VLLM and DUALTREE_LITELLM name the folders of their commands, in virtual environments of their own,
 * DUALTREE_LLAMA_SERVER that of llama.cpp's server, and DUALTREE_LLAMA_CPP that of node-llama-cpp.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomGguf } from '../../test/support/gguf.ts'

const here = import.meta.dirname
const CLI = resolve(here, '../../src/cli/bin.ts')
const [VLLM_PORT, LITELLM_PORT, BATCH_PORT, LLAMA_PORT] = [8711, 8712, 8713, 8714]
const folder = mkdtempSync(join(tmpdir(), 'dualtree-engines-'))
const running: ReturnType<typeof spawn>[] = []
let failures = 0

const dualtree = (...args: string[]) =>
  execFileSync(process.execPath, ['--no-warnings', CLI, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
const json = (...args: string[]) => JSON.parse(dualtree(...args, '--json'))

/** A command of an engine, and its version; undefined when it is not there. */
function find(variable: string, command: string, module: string): { run: string; python: string } | undefined {
  const bin = process.env[variable]
  if (bin === undefined || !existsSync(join(bin, command))) {
    console.log(
      `skipped ${command}: ${variable} names no folder with it (python3 -m venv V; V/bin/pip install ${module})`,
    )
    return undefined
  }
  const python = join(bin, 'python')
  const name = module.replace(/\[.*/, '')
  const version = execFileSync(python, ['-c', `from importlib.metadata import version; print(version("${name}"))`])
  console.log(`${name} ${String(version).trim()}`)
  return { run: join(bin, command), python }
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

async function check(what: string, body: () => Promise<unknown> | unknown): Promise<void> {
  try {
    console.log(`ok: ${what}: ${JSON.stringify(await body())}`)
  } catch (error) {
    failures++
    console.log(`FAILED: ${what}: ${(error as Error).message}`)
  }
}

function expect(holds: boolean, value: unknown): void {
  if (!holds) throw new Error(`found ${JSON.stringify(value)}`)
}

/** A run with 12 prompts about 3 candidates each. */
function newRun(name: string): string {
  const csv = join(folder, 'shop.csv')
  const rows = Array.from(
    { length: 96 },
    (_, row) => `${Math.floor(row / 8)},${(row * 7 + Math.floor(row / 8) * 3) % 40}`,
  )
  writeFileSync(csv, `user_id,item_id\n${rows.join('\n')}\n`)
  const run = join(folder, name)
  dualtree('data', csv, '--out', run)
  dualtree('train', run, '--epochs', '2')
  dualtree('candidates', run, '--candidates-per-user', '3')
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

async function withVllm(vllm: { run: string; python: string }): Promise<void> {
  const model = join(folder, 'tiny')
  execFileSync(vllm.python, [join(here, 'tiny-model.py'), model], { stdio: 'ignore' })
  const options = ['--enforce-eager', '--max-model-len', '16384', '--dtype', 'float32']
  const cpu = { VLLM_CPU_KVCACHE_SPACE: '1' }
  // noise writes blanks for ever where a grammar allows them
  const grammar = ['--structured-outputs-config', '{"backend":"xgrammar","disable_any_whitespace":true}']
  const named = ['--served-model-name', 'tiny', '--port', String(VLLM_PORT), '--enable-prefix-caching']
  const base = `http://127.0.0.1:${VLLM_PORT}`
  await serve('vllm', vllm.run, ['serve', model, ...named, ...options, ...grammar], `${base}/v1/models`, cpu)
  await check('vllm serve: response_format, logprobs, thinking off', () => {
    const status = ask(newRun('vllm'), VLLM_PORT, '--parameters', 'vllm', '--logprobs')
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
  const lite = find('DUALTREE_LITELLM', 'litellm', 'litellm[proxy]')
  if (lite) await withLitellm(lite, { engine: 'vllm', provider: 'hosted_vllm', port: VLLM_PORT })
  await check('vllm run-batch over an exported shard', () => {
    for (const child of running.splice(0)) child.kill()
    const run = newRun('run-batch')
    dualtree('judge', 'export', run, ...SMALL.slice(0, -2))
    const out = join(folder, 'results.jsonl')
    const files = ['-i', join(run, 'job', 'shard-0.jsonl'), '-o', out, '--model', model, '--served-model-name', 'tiny']
    execFileSync(vllm.run, ['run-batch', ...files, ...options, ...grammar], {
      stdio: 'ignore',
      env: { ...process.env, ...cpu },
    })
    const count = json('judge', 'import', run, out)
    expect(count.taken === 12, count)
    return count
  })
}

/** @param behind the engine that it stands before, by the provider's name and port */
async function withLitellm(
  lite: { run: string },
  behind: { engine: string; provider: string; port: number },
): Promise<void> {
  const config = join(folder, 'litellm.yaml')
  const route = (name: string, provider: string, port: number) =>
    `  - { model_name: ${name}, litellm_params: { model: ${provider}/${name}, api_base: "http://127.0.0.1:${port}/v1", api_key: none } }\n`
  const models = route('tiny', behind.provider, behind.port) + route('batch', 'openai', BATCH_PORT)
  const files = `files_settings:\n  - { custom_llm_provider: openai, api_base: "http://127.0.0.1:${BATCH_PORT}/v1", api_key: none }\n`
  writeFileSync(config, `model_list:\n${models}${files}`)
  const alone = { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'true' }
  const base = `http://127.0.0.1:${LITELLM_PORT}`
  const args = ['--config', config, '--port', String(LITELLM_PORT)]
  await serve('litellm', lite.run, args, `${base}/health/liveliness`, alone)
  await serve(
    'batches',
    process.execPath,
    [join(here, 'batch-server.ts'), String(BATCH_PORT)],
    `http://127.0.0.1:${BATCH_PORT}/v1/batches`,
  )
  await check(`litellm proxy before ${behind.engine}`, () => {
    const status = ask(newRun(`litellm-${behind.provider}`), LITELLM_PORT)
    expect(status.done === 12 && status.positive + status.negative === 36, counts(status))
    return counts(status)
  })
  await check('litellm proxy: /v1/files and /v1/batches before the scripted server', () => {
    const run = newRun(`batches-${behind.provider}`)
    const submitted = json('judge', 'submit', run, '--llm-model', 'batch', '--base-url', `${base}/v1`)
    const collected = json('judge', 'collect', run, '--wait')
    expect(submitted.prompts === 12 && collected.open === 0, { submitted, collected })
    return { submitted: submitted.prompts, taken: collected.taken }
  })
  // its ports are for the next engine
  for (const child of running.splice(-2)) await stop(child)
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

async function withLlamaServer(command: string): Promise<void> {
  const { stdout, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' })
  console.log(`llama-server ${/version: (.*)/.exec(stdout + stderr)?.[1]}`)
  const args = [
    '-m',
    writeModel(),
    '--alias',
    'tiny',
    '--port',
    String(LLAMA_PORT),
    '-c',
    '32768',
    '-np',
    '2',
    '-t',
    '1',
    '-tb',
    '1',
  ]
  await serve('llama-server', command, args, `http://127.0.0.1:${LLAMA_PORT}/health`)
  await check("llama.cpp's server: response_format, logprobs", () => {
    const status = ask(newRun('llama-server'), LLAMA_PORT, '--logprobs')
    expect(status.done === 12 && status.positive + status.negative === 36, counts(status))
    return counts(status)
  })
  await check("llama.cpp's server: modes pair and compact", () =>
    ['pair', 'compact'].map(mode => {
      const status = ask(newRun(`llama-${mode}`), LLAMA_PORT, '--mode', mode, '--concurrency', '2')
      expect(status.done === status.prompts && status.invalid === 0, counts(status))
      return counts(status)
    }),
  )
  const lite = find('DUALTREE_LITELLM', 'litellm', 'litellm[proxy]')
  if (lite) await withLitellm(lite, { engine: "llama.cpp's server", provider: 'hosted_vllm', port: LLAMA_PORT })
}

async function withNodeLlama(library: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'))
  console.log(`node-llama-cpp ${version}`)
  const model = ['--judge', 'gguf', '--gguf-model', writeModel(), '--context-tokens', '16000']
  await check('node-llama-cpp: score and write', () =>
    ['score', 'write'].map(how => {
      const summary = json('judge', newRun(`gguf-${how}`), ...model, '--gguf-answer', how)
      expect(summary.candidates === 36 && summary.invalid === 0, summary)
      return { how, candidates: summary.candidates, positives: summary.positives, invalid: summary.invalid }
    }),
  )
}

try {
  const vllm = find('DUALTREE_VLLM', 'vllm', 'vllm-cpu')
  if (vllm) await withVllm(vllm)
  const { DUALTREE_LLAMA_SERVER: server = '', DUALTREE_LLAMA_CPP: library = '' } = process.env
  if (existsSync(join(server, 'llama-server'))) await withLlamaServer(join(server, 'llama-server'))
  else
    console.log('skipped llama-server: DUALTREE_LLAMA_SERVER names no folder with it (see docs/guide/llm-judging.md)')
  if (library !== '') await withNodeLlama(library)
  else console.log('skipped node-llama-cpp: DUALTREE_LLAMA_CPP names no folder with it (npm install node-llama-cpp)')
} catch (error) {
  failures++
  console.log(`FAILED: ${(error as Error).message}`)
} finally {
  for (const child of running) child.kill()
  if (failures === 0) rmSync(folder, { recursive: true, force: true })
  else console.log(`logs: ${folder}`)
}
process.exitCode = failures > 0 ? 1 : 0
