import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createVocabulary } from '../../src/dataset/dataset.ts'
import {
  codeOf,
  codeSimilarity,
  formatCode,
  packCodes,
  parseCode,
  readCodes,
  writeCodes,
} from '../../src/trees/codes.ts'
import { temporaryDirectory } from '../support/directory.ts'

const code = fc.array(fc.nat(127), { maxLength: 6 })
const someCodes = fc.array(code, { minLength: 1, maxLength: 12 })

it('a code reads back from its text', () => {
  fc.assert(
    fc.property(code, steps => {
      expect(parseCode(formatCode(steps))).toEqual(steps)
    }),
  )
  expect(formatCode([2, 0, 3, 1])).toBe('2-0-3-1')
})

it.each(['2-', '-2', '2--3', '2-x', '2 3', '128', '-1'])('"%s" is no code', text => {
  expect(parseCode(text)).toBeUndefined()
})

it('codes are padded to the longest and read back without the padding', () => {
  expect(packCodes([[1, 0], [], [3]])).toEqual({ depth: 2, values: Int8Array.of(1, 0, -1, -1, 3, -1) })
  fc.assert(
    fc.property(someCodes, paths => {
      const codes = packCodes(paths)
      expect(paths.map((_, item) => [...codeOf(codes, item)])).toEqual(paths)
    }),
  )
})

describe('similarity', () => {
  it('by hand: shared prefix over the shorter length', () => {
    const codes = packCodes([[2, 0, 3, 1], [2, 0, 1], [2], [1, 0], []])
    const to = (other: number) => codeSimilarity(codes, 0, other)
    expect([0, 1, 2, 3, 4].map(to)).toEqual([1, 2 / 3, 1, 0, 0])
  })

  it('is symmetric, within 0 and 1, and 1 with itself unless empty', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(1), { maxLength: 4 }), { minLength: 1, maxLength: 8 }), paths => {
        const codes = packCodes(paths)
        for (const i of paths.keys()) {
          expect(codeSimilarity(codes, i, i)).toBe(paths[i].length ? 1 : 0)
          for (const j of paths.keys()) {
            const similarity = codeSimilarity(codes, i, j)
            expect(similarity).toBe(codeSimilarity(codes, j, i))
            expect(similarity).toBeGreaterThanOrEqual(0)
            expect(similarity).toBeLessThanOrEqual(1)
          }
        }
      }),
    )
  })
})

describe('files', () => {
  const itemIds = createVocabulary(['a', 'b:c', 'd'])
  const codes = packCodes([[0, 2, 1], [3], []])

  it('one line an item, and back', async () => {
    const path = join(await temporaryDirectory(), 'codes.txt')
    await writeCodes(path, codes, itemIds)
    expect(await readFile(path, 'utf8')).toBe('a: 0-2-1\nb:c: 3\nd: \n')
    expect(await readCodes(path, itemIds)).toEqual(codes)
  })

  it('any order of lines, either line end', async () => {
    const directory = await temporaryDirectory({ 'codes.txt': 'd:\r\nb:c: 3\r\n\r\na: 0-2-1' })
    expect(await readCodes(join(directory, 'codes.txt'), itemIds)).toEqual(codes)
  })

  it.each([
    ['a 0-1\n', 'line 1: expected "item: code" such as "17: 2-0-3-1", found "a 0-1"'],
    ['a: 0\nd: 1;2\n', 'line 2: expected "item: code" such as "17: 2-0-3-1", found "d: 1;2"'],
    ['x: 0\n', 'line 1: item "x" is not in the data set; codes and data must belong together'],
    ['a: 0\na: 1\n', 'line 2: item "a" has a code already'],
    ['a: 0\n', 'no code for 2 of 3 items, the first "b:c"'],
  ])('%j is refused', async (content, message) => {
    const directory = await temporaryDirectory({ 'codes.txt': content })
    await expect(readCodes(join(directory, 'codes.txt'), itemIds)).rejects.toThrow(message)
  })

  it('a file that is not there is named', async () => {
    await expect(readCodes('nowhere/codes.txt', itemIds)).rejects.toThrow(
      /^cannot read the item codes of nowhere\/codes.txt: ENOENT/,
    )
  })
})

const released = new URL('../../../shared/data/sports/released/', import.meta.url)

describe.skipIf(!existsSync(released))(
  'the codes released with the paper (skipped without ../shared/data/sports)',
  () => {
    it.each([
      ['struct', 646, 3, 7],
      ['semantic', 625, 3, 6],
    ])('%s: %d leaves, depth %d to %d', async (view, leaves, shallowest, deepest) => {
      const path = new URL(`Sports_${view}_path_encoding.txt`, released).pathname
      const itemIds = createVocabulary(Array.from({ length: 8439 }, (_, item) => 15138 + item))
      const codes = await readCodes(path, itemIds)
      const all = Array.from({ length: 8439 }, (_, item) => formatCode(codeOf(codes, item)))
      expect(new Set(all).size).toBe(leaves)
      expect(codes.depth).toBe(deepest)
      expect(Math.min(...all.map(text => text.split('-').length))).toBe(shallowest)
    })
  },
)
