import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDataFile } from '../../src/dataset/files/open.ts'
import { sniffFile } from '../../src/dataset/formats/format.ts'
import { createKernels, createReferenceKernels, type Kernels } from '../../src/index.ts'
import { createSampler } from '../../src/samplers/index.ts'
import { baselineContract } from '../contracts/baseline.ts'
import { judgeContract } from '../contracts/judge.ts'
import { metricContract } from '../contracts/metric.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomBatch, randomFloats, randomTables } from '../support/toy.ts'
import { coCount } from './parts/co-count.ts'
import { easiest } from './parts/easiest.ts'
import { hinge } from './parts/hinge.ts'
import { libsvm } from './parts/libsvm.ts'
import { rPrecision } from './parts/r-precision.ts'
import { sameLeaf } from './parts/same-leaf.ts'

const ROOT = join(import.meta.dirname, '../..')
const doc = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')

describe('CONTRIBUTING.md', () => {
  it('shows the files of test/docs/parts', () => {
    expect(doc.match(/^<!-- code: /gm)).toHaveLength(6)
  })

  it('names only npm scripts and files that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const named = Array.from(doc.matchAll(/npm run ([\w:]+)/g), match => match[1])
    expect(named.filter(name => !(name in scripts))).toEqual([])
    const paths = Array.from(doc.matchAll(/`(?:node )?((?:src|scripts|test)\/[\w./-]+\.ts)`/g), match => match[1])
    const examples = Array.from(doc.matchAll(/^<!-- code: \S+ as (\S+) -->/gm), match => match[1])
    const made = [...examples, 'test/metrics/r-precision.test.ts']
    const missing = paths.filter(path => !made.includes(path)).filter(path => !readable(join(ROOT, path)))
    expect(missing).toEqual([])
  })
})

function readable(path: string): boolean {
  try {
    return readFileSync(path).length > 0
  } catch {
    return false
  }
}

baselineContract(coCount, { changes: {} })
judgeContract(sameLeaf, { changes: {} })
metricContract(rPrecision)

describe('sampler "easiest"', () => {
  it('picks the lowest score', () => {
    const kernels = createKernels()
    const { memory } = kernels
    const tables = randomTables(kernels, 4, 9, 8, 1)
    const context = {
      kernels,
      tables,
      forbidden: { offsets: memory.ints(5), indices: memory.ints(0) },
      degrees: new Int32Array(6),
      batchSize: 6,
      perPositive: 1,
      seed: 1,
    }
    const batch = randomBatch(kernels, 6, 4, 9)
    // enough draws that every item is among them
    const options = { candidateNegatives: 200 }
    const { items } = createSampler({ part: easiest, options }, context).sample(batch, { epoch: 1, batch: 0 })
    const component = (node: number, d: number) => tables.pooled[node * 8 + d]
    const score = (user: number, item: number) => {
      let sum = 0
      for (let d = 0; d < 8; d++) sum += component(user, d) * component(4 + item, d)
      return sum
    }
    const scores = (user: number) => Array.from({ length: 9 }, (_, item) => score(user, item))
    const lowest = Array.from(batch.users, user => scores(user).indexOf(Math.min(...scores(user))))
    expect([...items]).toEqual(lowest)
  })
})

describe('objective "hinge"', () => {
  const margin = 0.7
  /** Two pairs of weight 1 and 3, two negatives each; the last slot is empty. */
  function setting(kernels: Kernels) {
    const batch = { ...randomBatch(kernels, 2, 4, 9), weights: Float64Array.of(1, 3) }
    const negatives = { perPositive: 2, pickedHops: 1, items: Int32Array.of(1, 2, 3, -1) }
    const values = (seed: number) => ({
      positive: randomFloats(kernels, 2, seed),
      negative: randomFloats(kernels, 4, seed + 1),
    })
    return { batch, negatives, scores: values(1), derivatives: values(3), loss: Float64Array.of(9, 9) }
  }

  it('is the sum of what is missing to the margin', () => {
    const kernels = createReferenceKernels()
    const { batch, negatives, derivatives, loss } = setting(kernels)
    const scores = { positive: Float64Array.of(1, 0), negative: Float64Array.of(0.5, 0, 0.25, 8) }
    hinge.create(kernels, { margin }).differentiate(batch, negatives, scores, derivatives, loss)
    expect([...loss]).toEqual([expect.closeTo(0.2, 12), expect.closeTo(3 * 0.95, 12)])
  })

  it('derivatives agree with central differences within 1e-6', () => {
    const kernels = createReferenceKernels()
    const { batch, negatives, scores, derivatives, loss } = setting(kernels)
    const { differentiate } = hinge.create(kernels, { margin })
    const scratch = setting(kernels).derivatives
    const mean = () => {
      differentiate(batch, negatives, scores, scratch, loss)
      return (loss[0] + loss[1]) / 2
    }
    differentiate(batch, negatives, scores, derivatives, loss)
    for (const side of ['positive', 'negative'] as const) {
      scores[side].forEach((kept, at) => {
        scores[side][at] = kept + 1e-5
        const above = mean()
        scores[side][at] = kept - 1e-5
        const below = mean()
        scores[side][at] = kept
        expect(Math.abs((above - below) / 2e-5 - derivatives[side][at])).toBeLessThan(1e-6)
      })
    }
  })
})

it('metric "r-precision" looks at as many places as are held out', () => {
  expect(rPrecision.value({ hits: [1, 0, 1, 1], truth: 2, k: 4 })).toBe(1 / 2)
  expect(rPrecision.value({ hits: [1, 0, 1, 1], truth: 9, k: 3 })).toBe(2 / 3)
})

describe('format "libsvm"', () => {
  const sniff = async (content: string) => {
    const directory = await temporaryDirectory({ 'log.txt': content })
    return sniffFile(await openDataFile(join(directory, 'log.txt'), 'log.txt'))
  }
  const read = async (content: string) => libsvm.read({ sniff: await sniff(content), wishes: {}, decide: () => {} })

  it('is known by its content and read whole', async () => {
    const content = 'ada 7:1 9:0.5\nben\nben 9:2\n'
    expect(libsvm.detect(await sniff(content))).toBe('its lines are lists of item:value')
    expect(libsvm.detect(await sniff('1 2 3\n4 5\n'))).toBeUndefined()
    const { count, users, items, ratings } = await read(content)
    const texts = ({ texts, codes }: typeof users) => Array.from(codes, code => texts[code])
    expect([count, texts(users), texts(items), [...ratings!]]).toEqual([
      3,
      ['ada', 'ada', 'ben'],
      ['7', '9', '9'],
      [1, 0.5, 2],
    ])
  })

  it('says which line is wrong', async () => {
    await expect(read('1 7:1\n2 9=1\n')).rejects.toThrow(
      'log.txt line 2: expected "item:value" such as "17:1", found "9=1"; fix the line',
    )
  })
})
