/**
 * Files damaged at random, each of which must end in a right reading or in one line of error: `npm run fuzz [files] [seed]`.
 * A single file again: `npm run fuzz -- --only INDEX [seed]`.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { check, fileOf, type Outcome } from './check.ts'

/** No file takes longer. */
const LIMIT_MS = 60_000

interface Work {
  readonly seed: number
  readonly from: number
  readonly to: number
}

interface Report extends Outcome {
  readonly index: number
  readonly ms: number
}

if (isMainThread) await supervise()
else await work(workerData as Work)

async function work({ seed, from, to }: Work): Promise<void> {
  for (let index = from; index < to; index++) {
    const started = performance.now()
    const outcome = await check(fileOf(seed, index))
    parentPort!.postMessage({ index, ms: performance.now() - started, ...outcome } satisfies Report)
  }
}

async function supervise(): Promise<void> {
  const unknown = process.argv.slice(2).find(word => word !== '--only' && !/^\d+$/.test(word))
  if (unknown !== undefined)
    return console.log(`npm run fuzz -- [files] [seed], or --only INDEX [seed]; found ${unknown}`)
  const [first, second] = process.argv
    .slice(2)
    .filter(word => word !== '--only')
    .map(Number)
  const only = process.argv.includes('--only')
  const seed = second || 1
  const files = only ? 1 : first || 10_000
  if (only) return showOne(seed, first)
  const counts = { read: 0, refused: 0, failure: 0 }
  const failures: string[] = []
  let slowest = 0
  for (let from = 0; from < files; ) {
    from = await new Promise<number>((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { seed, from, to: files } })
      let done = from
      let watchdog: NodeJS.Timeout
      const watch = () => {
        clearTimeout(watchdog)
        watchdog = setTimeout(() => {
          counts.failure++
          failures.push(`${done}: more than ${LIMIT_MS / 1000} s`)
          void worker.terminate().then(() => resolve(done + 1))
        }, LIMIT_MS)
      }
      watch()
      worker.on('message', ({ index, ms, kind, words }: Report) => {
        watch()
        counts[kind]++
        slowest = Math.max(slowest, ms)
        if (kind === 'failure') failures.push(`${index}: ${words}`)
        done = index + 1
        if (done % 1000 === 0)
          console.log(`${done} files: ${counts.read} read, ${counts.refused} refused, ${counts.failure} wrong`)
      })
      worker.on('error', reject)
      worker.on('exit', () => {
        clearTimeout(watchdog)
        resolve(done)
      })
    })
  }
  for (const failure of failures.slice(0, 20)) console.log(failure)
  console.log(
    `seed ${seed}, ${files} files: ${counts.read} read, ${counts.refused} ended in one line, ${counts.failure} wrong; slowest ${slowest.toFixed(0)} ms`,
  )
  process.exitCode = counts.failure > 0 ? 1 : 0
}

async function showOne(seed: number, index: number): Promise<void> {
  const file = fileOf(seed, index)
  console.log(file.steps.join('\n'))
  console.log(JSON.stringify(await check(file)))
  console.log(file.text.slice(0, 20_000))
}
