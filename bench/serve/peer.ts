/** Single requests beside implicit, one thread each, in one sitting. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Split } from '../../src/dataset/split.ts'
import { fitModel } from '../../src/serving/fit.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import { SPORTS, writePairs } from '../data.ts'
import { watchOthers } from '../machine.ts'
import type { Figure } from './http.ts'
import { benchCalls, writeVectors } from './library.ts'

/** Of an item; `K` of implicit's model in peer_implicit.py. */
const NEIGHBORS = 20
const SINGLE = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', PYTHONWARNINGS: 'ignore' }

/** The Python that has implicit: the one given, that of `npm run bench:peers`, or the machine's. */
export function findImplicit(given?: string): string | undefined {
  const kept = resolve(import.meta.dirname, '../peers/.venvs/implicit/bin/python')
  const has = (python: string) => spawnSync(python, ['-c', 'import implicit'], { stdio: 'ignore' }).status === 0
  return [given, existsSync(kept) ? kept : undefined, 'python3'].find(python => python !== undefined && has(python))
}

export async function benchPeer(python: string, split: Split): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dualtree-bench-peer-'))
  const open: [number, number] = [Number.NaN, Number.NaN]
  try {
    const figures: Figure[] = []
    const bench = async (path: string, name: string) => {
      const model = await openModel(path)
      const users = [...model.users()]
      figures.push(...benchCalls(model, name, at => ({ user: users[at % users.length], k: 20 }), open))
      model.close()
    }
    await bench(await writeVectors(join(folder, 'wide'), 50_000), 'beside it: known user of 50,000 items × 64')
    const run = join(folder, 'run')
    await fitModel({ source: SPORTS, directory: run, method: 'item-knn', options: { itemKnnNeighbors: NEIGHBORS } })
    await bench(run, `beside it: known user, item-knn of ${NEIGHBORS} neighbours`)
    const data = join(folder, 'data')
    mkdirSync(data)
    writePairs(data, split)
    const others = watchOthers()
    const script = join(import.meta.dirname, 'peer_implicit.py')
    const { status, stdout, stderr } = spawnSync(python, [script, data], { encoding: 'utf8', env: { ...process.env, ...SINGLE } }) // biome-ignore format: one line
    if (status !== 0) throw new Error(`${python} ${script}: ${stderr.slice(-2000)}`)
    const found: Record<string, [number, number]> = JSON.parse(stdout.trim().split('\n').at(-1)!)
    const share = others()
    for (const [name, values] of Object.entries(found))
      for (const [at, quantile] of ['p50', 'p99'].entries())
        figures.push({ name: `implicit: ${name}, k = 20, ${quantile}`, value: values[at], unit: 'ms', target: '', reached: true, others: share }) // biome-ignore format: one line
    return figures
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
