/**
 * `npm run bench:judge`: what asking costs beside the model. 100,000 verdicts (or as many as are named: `-- 1000000`)
 * against a server in another process that answers at once, with the ledger on disk: in mode user 20 a prompt, in mode
 * pair one a prompt.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { formatTable } from '../src/cli/shared/table.ts'
import { createDataset, createVocabulary } from '../src/dataset/dataset.ts'
import { judges } from '../src/judges/index.ts'
import { createReferenceKernels } from '../src/kernels/reference/reference.ts'
import { derive, randomStream } from '../src/random.ts'
import { packCodes } from '../src/trees/codes.ts'

const [ITEMS, K, HISTORY] = [2000, 20, 12]
const USERS = Number(process.argv[2] ?? 100_000) / K
const MEGABYTE = 2 ** 20

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Of the process, and what is in use of it after a collection: objects, and memory beside the heap. */
function memoryInUse(): string {
  const { rss } = process.memoryUsage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return `${Math.round(rss / MEGABYTE)} (${Math.round((heapUsed + external) / MEGABYTE)})`
}

const random = randomStream(derive(1, 'bench', 'judge'))
const ids = (count: number) => createVocabulary(Array.from({ length: count }, (_, id) => id))
const places = Array.from({ length: USERS * HISTORY }, (_, place) => place)
const train = createDataset(
  // steps of 163 never meet the same item twice within a history
  { users: places.map(place => Math.floor(place / HISTORY)), items: places.map(place => (place * 163) % ITEMS) },
  ids(USERS),
  ids(ITEMS),
)
const drawCodes = () => packCodes(Array.from({ length: ITEMS }, () => Array.from({ length: 5 }, () => random.below(4))))
const codes = { structural: drawCodes(), semantic: drawCodes() }
const items = Int32Array.from({ length: USERS * K }, (_, place) => (Math.floor(place / K) + (place % K) * 97) % ITEMS)

const server = fork(join(import.meta.dirname, 'judge-server.ts'))
const port = await new Promise<number>(settle => server.once('message', message => settle(Number(message))))

async function measure(mode: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dualtree-bench-'))
  const memory: string[] = []
  const marks = [0.1, 0.5, 1]
  const progress = (done: number, total: number) => {
    if (done < marks[0] * total) return
    marks.shift()
    memory.push(memoryInUse())
  }
  const context = { train, codes, kernels: createReferenceKernels(), seed: 1, folder }
  const work = { baseUrl: [`http://127.0.0.1:${port}/v1`] }
  const before = process.cpuUsage()
  const start = performance.now()
  const { labels } = await judges
    .get('chat')
    .create(context, { llmModel: 'none', mode }, work)
    .judge({ k: K, items, scores: new Float32Array() }, { progress })
  const wall = performance.now() - start
  const { user, system } = process.cpuUsage(before)
  rmSync(folder, { recursive: true })
  const ms = (value: number) => (value / labels.length).toFixed(3)
  return [mode, String(labels.length), ms(wall), ms((user + system) / 1000), `${memory.join(' → ')} MB`]
}

const rows = []
for (const mode of ['user', 'pair']) rows.push(await measure(mode))
server.kill()
const header = ['mode', 'verdicts', 'wall, ms each', 'client CPU, ms each', 'memory at 10, 50, 100 % (in use)']
console.log(formatTable(header, rows))
