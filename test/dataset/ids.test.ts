import { describe, expect, it } from 'vitest'
import { unifyIds } from '../../src/dataset/columns/ids.ts'

/** A column for each list of texts, in which each text has the code of its place. */
const unified = (...columns: string[][]) => {
  const { ids, codes } = unifyIds(columns.map(texts => ({ texts, codes: Int32Array.from(texts.keys()) })))
  return { ids, codes: codes.map(column => [...column]) }
}

describe('unifyIds', () => {
  it('ranks integers of all columns by value, near or far from each other', () => {
    expect(unified(['10', '0', '9'], ['9', '11'])).toEqual({ ids: [0, 9, 10, 11], codes: [[2, 0, 1], [1, 3]] }) // biome-ignore format: columns
    const far = { ids: [0, 7, 999_999_999_999_999], codes: [[2, 0], [1, 2]] } // biome-ignore format: columns
    expect(unified(['999999999999999', '0'], ['7', '999999999999999'])).toEqual(far)
  })

  it('ranks integers below zero, and beyond 15 digits up to 2^53; one beyond makes texts of all', () => {
    expect(unified(['0', '-10', '9007199254740991', '5'])).toEqual({
      ids: [-10, 0, 5, 9007199254740991],
      codes: [[1, 0, 3, 2]],
    })
    expect(unified(['9007199254740993', '-0', '5']).ids).toEqual(['-0', '5', '9007199254740993'])
  })

  it('has no ids where there are none', () => {
    expect(unified([])).toEqual({ ids: [], codes: [[]] })
    expect(unified()).toEqual({ ids: [], codes: [] })
  })
})
