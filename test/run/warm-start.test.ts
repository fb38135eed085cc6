import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadEmbeddings } from '../../src/models/model-file.ts'
import { runGiven as run } from '../../src/run/run.ts'
import type { RunEvent } from '../../src/run/stage.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { SMALL_RUN } from '../support/small-run.ts'

const directory = sharedDirectory()
const at = (...names: string[]) => join(directory, ...names)
/** So slow that the vectors stay where they begin. */
const STILL = { ...SMALL_RUN, epochs: 1, learningRate: 1e-7 }
let source: string

beforeAll(async () => {
  source = writeSmallData(directory)
  await run({ directory: at('first'), source, options: SMALL_RUN, until: 'train' })
})

const vectorsOf = async (name: string) => {
  const { userVectors, itemVectors } = await loadEmbeddings(at(name, 'train-base', 'model.safetensors'))
  return [...userVectors, ...itemVectors]
}
const farthest = (a: number[], b: number[]) => Math.max(...a.map((value, n) => Math.abs(value - b[n])))

describe('--warm-start', () => {
  it('begins from the vectors of the run, by external id', async () => {
    await run({ directory: at('warm'), source, options: { ...STILL, warmStart: at('first') }, until: 'train' })
    await run({ directory: at('cold'), source, options: STILL, until: 'train' })
    const [first, warm, cold] = [await vectorsOf('first'), await vectorsOf('warm'), await vectorsOf('cold')]
    expect(farthest(first, warm)).toBeLessThan(1e-5)
    expect(farthest(first, cold)).toBeGreaterThan(0.003)
  })

  it('matches ids where the order is another, and draws what is new', async () => {
    // a first user and item whose ids sort before all others shift all internal ids
    const lines = readFileSync(join(source, 'train.txt'), 'utf8')
    const more = at('more')
    mkdirSync(more)
    for (const part of ['valid', 'test'])
      writeFileSync(join(more, `${part}.txt`), readFileSync(join(source, `${part}.txt`)))
    writeFileSync(join(more, 'train.txt'), `${lines}a0 a1\na0 ${lines.split('\n')[0].split(' ')[1]}\n`)
    await run({ directory: at('shifted'), source: more, options: { ...STILL, warmStart: at('first') }, until: 'train' })
    const [first, shifted] = [await vectorsOf('first'), await vectorsOf('shifted')]
    const users = (shifted.length - first.length) / 8
    expect(users).toBe(2)
    // one row of 8 numbers before the users', one before the items'
    expect(farthest(first.slice(0, 80), shifted.slice(8, 88))).toBeLessThan(1e-5)
    expect(farthest(first.slice(-80), shifted.slice(-80))).toBeLessThan(1e-5)
  })

  it('says how much begins from it, and what the earlier run was trained on beyond train', async () => {
    const said: string[] = []
    const options = { ...STILL, warmStart: at('first') }
    const request = {
      source,
      until: 'train' as const,
      emit: (event: RunEvent) => void (event.type === 'message' && said.push(event.text)),
    }
    await run({ ...request, directory: at('equal'), options })
    expect(said.filter(text => text.startsWith('--warm-start'))).toEqual([
      expect.stringMatching(/^--warm-start: (\d+) of \1 users and (\d+) of \2 items begin from its vectors\.$/),
    ])
    // another split of the same data: one of its interactions is held out here and was in train there
    const other = at('other-split')
    mkdirSync(other)
    const [train, valid] = ['train', 'valid'].map(part =>
      readFileSync(join(source, `${part}.txt`), 'utf8')
        .trim()
        .split('\n'),
    )
    writeFileSync(join(other, 'train.txt'), `${[...train.slice(1), valid[0]].join('\n')}\n`)
    writeFileSync(join(other, 'valid.txt'), `${[...valid.slice(1), train[0]].join('\n')}\n`)
    writeFileSync(join(other, 'test.txt'), readFileSync(join(source, 'test.txt')))
    await run({ ...request, source: other, directory: at('leaking'), options })
    expect(said.join('\n')).toContain('--warm-start: it was trained on 1 interaction of these users and items')
  })

  it('is refused where there is no model, or one of another size', async () => {
    const options = { ...STILL, warmStart: at('nothing') }
    await expect(run({ directory: at('a'), source, options, until: 'train' })).rejects.toThrow(
      /--warm-start \S+nothing: expected a run directory with a trained model, found no train-base\/model\.safetensors/,
    )
    const wider = { ...STILL, dimensions: 16, warmStart: at('first') }
    await expect(run({ directory: at('b'), source, options: wider, until: 'train' })).rejects.toThrow(
      '--warm-start: its vectors have 8 numbers, those to train 16; give --dimensions 8, and the same model',
    )
  })
})
