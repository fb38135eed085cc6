import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSplit } from '../../../src/dataset/load.ts'
import { FACT_BANDS, isWithin } from '../../../src/research/repro/bands.ts'
import { countFacts, shapeOfCodes } from '../../../src/research/repro/facts.ts'
import { RELEASED_FILES, readReleasedFiles } from '../../../src/research/repro/released-files.ts'
import { packCodes } from '../../../src/trees/codes.ts'
import { temporaryDirectory } from '../../support/directory.ts'

const SPORTS = resolve(import.meta.dirname, '../../../../shared/data/sports')

describe.skipIf(!existsSync(SPORTS))(
  'the released Sports files (skipped where ../shared/data/sports is absent)',
  () => {
    it('have the trees, candidates and labels that are known of them', async () => {
      const { split } = await loadSplit(SPORTS)
      const files = await readReleasedFiles(join(SPORTS, 'released'), split.train)
      const facts = countFacts(files, split)
      const wrong = Object.entries(FACT_BANDS).filter(([name, band]) => !isWithin(facts[name], band))
      expect(wrong.map(([name]) => `${name}: ${facts[name]}`)).toEqual([])
      expect(files.candidates.users.length).toBe(210_140)
      expect(files.judged.users.length).toBe(193_550)
      const { structural, semantic } = files.codes
      const shapes = [structural, semantic].map(codes => shapeOfCodes(codes, split.train.items))
      expect(shapes.map(({ topBranches }) => [...topBranches].sort((a, b) => a - b))).toEqual([
        [904, 904, 3256, 3375],
        [866, 1363, 2952, 3258],
      ])
      expect(shapes[0]).toMatchObject({ leafMin: 1, leafMax: 30 })
      expect(shapes[0].leafMean).toBeCloseTo(13.1, 1)
    })
  },
)

it('the shape of a tree is read off its codes, by hand', () => {
  const shape = shapeOfCodes(packCodes([[0, 0], [0, 0], [0, 1, 2], [1]]), 4)
  expect(shape).toEqual({
    items: 4,
    leaves: 3,
    depthMin: 1,
    depthMean: 2,
    depthMax: 3,
    leafMin: 1,
    leafMean: 4 / 3,
    leafMax: 2,
    topBranches: [3, 1],
  })
})

describe('released files that cannot be used', () => {
  const rows = Array.from({ length: 40 }, (_, at) => `${at % 8} ${100 + ((at * 3) % 11)}`)
  const codes = Array.from({ length: 11 }, (_, at) => `${100 + at}: ${at % 2}-${at % 3}`).join('\n')
  const whole = {
    [RELEASED_FILES.structural]: codes,
    [RELEASED_FILES.semantic]: codes,
    [RELEASED_FILES.candidates]: '1\t101\t100\t103\r\n2\t105\t104\t100\r\n',
    [RELEASED_FILES.enhanced]: `${rows.map(row => row.replace(' ', '\t')).join('\n')}\n1\t101\n`,
  }

  async function read(files: Record<string, string>) {
    const directory = await temporaryDirectory({ ...files, 'rows.txt': rows.join('\n') })
    const { split } = await loadSplit(join(directory, 'rows.txt'), { format: 'pairs' })
    return { directory, split, files: readReleasedFiles(directory, split.train) }
  }

  it.each([
    [
      'a file that is missing',
      { [RELEASED_FILES.candidates]: undefined },
      'there is no candidate_items.txt; give the folder of the released files with --released',
    ],
    [
      'a user of other data',
      { [RELEASED_FILES.enhanced]: '77\t101\n1\t100\n' },
      'train_enhance_dtl_fni.txt: user "77" is not in train; files and data must belong together',
    ],
    [
      'an item of other data',
      { [RELEASED_FILES.candidates]: '1\t999\t101\n2\t100\t101\n' },
      'candidate_items.txt: item "999" is not in train',
    ],
    [
      'a line that is no code',
      { [RELEASED_FILES.semantic]: '100: zero' },
      'line 1: expected "item: code" such as "17: 2-0-3-1", found "100: zero"',
    ],
  ])('says so of %s', async (_, changes, message) => {
    const files = Object.fromEntries(Object.entries({ ...whole, ...changes }).filter(([, text]) => text !== undefined))
    const { files: reading } = await read(files as Record<string, string>)
    await expect(reading).rejects.toThrow(message)
  })
})
