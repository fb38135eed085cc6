/** An index of vectors (`--ann`) beside the exact scan, on a catalogue that is large enough for one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { derive, randomStream } from '../../src/random.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import { watchOthers } from '../machine.ts'
import type { Figure } from './http.ts'
import { benchCalls, D, writeVectors } from './library.ts'

/** Groups that the vectors lie around, as those of a trained model do: among vectors without any structure no index finds much. */
const GROUPS = 1000

/** @param items of the catalogue */
export async function benchAnn(items: number): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'dualtree-bench-'))
  const size = `${items.toLocaleString('en')} items × ${D}`
  try {
    const folder = await writeVectors(directory, items, grouped)
    const request = (at: number) => ({ user: at % 1000, k: 20 })
    const exact = await openModel(folder)
    const figures = benchCalls(exact, `${size}, exact`, request, [Number.NaN, Number.NaN], 200)
    exact.close()
    const others = watchOthers()
    const used = process.cpuUsage()
    const model = await openModel(folder, { ann: true })
    const { user, system } = process.cpuUsage(used)
    const note = (name: string, value: number, unit: string) =>
      figures.push({ name, value, unit, target: '', reached: true, others: others() })
    note(`${size}, --ann: index built, processor time`, (user + system) / 1e6, 's')
    note(`${size}, --ann: recall of the exact best 20`, model.info.ann!.recall, '')
    figures.push(...benchCalls(model, `${size}, --ann`, request, [Number.NaN, Number.NaN], 2000))
    model.close()
    const start = performance.now()
    const again = await openModel(folder, { ann: true })
    note(`${size}, --ann: open with the index that is there`, performance.now() - start, 'ms')
    again.close()
    return figures
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** [rows × D] around the same centres for users and items. */
function grouped(rows: number, seed: string): Float32Array {
  const draw = (purpose: string, length: number) => {
    const random = randomStream(derive(1, purpose))
    return Float32Array.from({ length }, () => random.uniform() + random.uniform() - 1)
  }
  const centres = draw('centres', GROUPS * D)
  const values = draw(seed, rows * D)
  const random = randomStream(derive(1, seed, 'groups'))
  for (let row = 0; row < rows; row++) {
    const group = random.below(GROUPS)
    for (let d = 0; d < D; d++) values[row * D + d] = centres[group * D + d] + 0.5 * values[row * D + d]
  }
  return values
}
