/**
 * `npm run bench:judge`: what asking costs beside the model. 100,000 verdicts against a server in another process that
 * answers at once, with the ledger on disk: in mode user 20 a prompt, in mode pair one a prompt.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatTable } from '../src/cli/table.ts'
import { createDataset, createVocabulary } from '../src/dataset/dataset.ts'
import { judges } from '../src/judges/index.ts'
import { createReferenceKernels } from '../src/kernels/reference.ts'
import { derive, randomStream } from '../src/random.ts'
import { packCodes } from '../src/trees/codes.ts'

const [USERS, ITEMS, K, HISTORY] = [5000, 2000, 20, 12]
const MEGABYTE = 2 ** 20

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
  const memory: number[] = []
  let next = 0
  const progress = (done: number, total: number) => {
    if (done < next * total) return
    memory.push(process.memoryUsage.rss() / MEGABYTE)
    next += 0.1
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
  const at = [1, 5, 10].map(tenth => `${Math.round(memory[Math.min(tenth, memory.length - 1)])}`)
  return [mode, String(labels.length), ms(wall), ms((user + system) / 1000), `${at.join(' → ')} MB`]
}

const rows = []
for (const mode of ['user', 'pair']) rows.push(await measure(mode))
server.kill()
console.log(formatTable(['mode', 'verdicts', 'wall, ms each', 'client CPU, ms each', 'memory at 10, 50, 100 %'], rows))
