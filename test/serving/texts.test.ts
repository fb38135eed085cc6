import { describe, expect, it } from 'vitest'
import { sortIds } from '../../src/dataset/dataset.ts'
import { idColumn, idTensors, textColumn, textTensors } from '../../src/serving/items/texts.ts'

describe('columns of ids', () => {
  it.each([
    ['integers', [30, -2, 7, 2 ** 53 - 1, 0]],
    // UTF-8 and UTF-16 put an emoji and U+FF5E in different orders
    ['strings', ['b', 'a', '07', 'é', '🙂', '～', '', 'B']],
  ])('%s are found, and nothing else is', (_name, ids) => {
    const sorted = sortIds(ids)
    const column = idColumn(idTensors('x', sorted), 'x')
    expect(Array.from({ length: column.length }, (_, at) => column.at(at))).toEqual(sorted)
    sorted.forEach((id, at) => {
      expect(column.indexOf(id)).toBe(at)
      expect(column.indexOf(String(id))).toBe(at)
    })
    for (const other of ['c', '7.0', '1e1', 8, 'aa', '0 7']) expect(column.indexOf(other)).toBe(-1)
  })

  it('are found with blanks around them, unless there is an id with those', () => {
    const column = (ids: (string | number)[]) => idColumn(idTensors('x', sortIds(ids)), 'x')
    expect(column([1, 7]).indexOf(' 7\t')).toBe(1)
    expect(column([1, 7]).indexOf(' 07')).toBe(-1)
    expect(column(['00001', '7']).indexOf(' 00001 ')).toBe(0)
    const own = column([' a', 'a'])
    expect([' a', 'a', ' a '].map(own.indexOf)).toEqual([0, 1, 1])
  })

  it('that do not ascend are refused', () => {
    expect(() => idTensors('users', [2, 1])).toThrow('ids of users do not ascend: "1" comes after "2"')
    expect(() => idTensors('users', ['a', 'a'])).toThrow('do not ascend')
  })

  it('texts are any texts', () => {
    const texts = ['', 'naïve', '🙂 x', '']
    const column = textColumn(textTensors('t', texts), 't')
    expect([0, 1, 2, 3].map(column.at)).toEqual(texts)
  })
})
