import { describe, expect, it } from 'vitest'
import { ByteDictionary } from '../../src/dataset/formats/tables/bytes.ts'

/** The texts between bars, by their codes and by the texts of the codes. */
function encoded(...texts: string[]) {
  const dictionary = new ByteDictionary()
  const bytes = Buffer.from(`|${texts.join('|')}|`)
  const codes: number[] = []
  let start = 1
  for (const text of texts) {
    const end = start + Buffer.byteLength(text)
    codes.push(dictionary.encode(bytes, start, end))
    start = end + 1
  }
  return { codes, texts: dictionary.texts() }
}

describe('ids as bytes', () => {
  it('get codes in the order of first sight, small integers and other texts alike', () => {
    const { codes, texts } = encoded(
      '7',
      'a',
      '7',
      '0',
      '2097151',
      '2097152',
      'a',
      '0',
      '2097152',
      '2097151',
      '10000000',
      '9999999',
    )
    expect(texts).toEqual(['7', 'a', '0', '2097151', '2097152', '10000000', '9999999'])
    expect(codes).toEqual([0, 1, 0, 2, 3, 4, 1, 2, 4, 3, 5, 6])
  })

  it('are different where they are written differently: 7, 07, 7.0, -7 and +7', () => {
    expect(encoded('7', '07', '7.0', '-7', '+7', '00', '0').codes).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('are the same with blanks around them, also those of Unicode; nothing but blanks is the empty text', () => {
    const { codes, texts } = encoded(' 7', '7\t', '\u00a07', '7\u200b', ' é ', 'é', '', '  ', '\r')
    expect(codes).toEqual([0, 0, 0, 0, 1, 1, 2, 2, 2])
    expect(texts).toEqual(['7', 'é', ''])
  })

  it('stay the same as the tables grow', () => {
    const names = Array.from({ length: 10_000 }, (_, id) =>
      id % 2 ? String(id * 300) : id % 5000 < 2500 ? `item ${id}` : `článek ${id}`,
    )
    const { codes, texts } = encoded(...names, ...names)
    expect(texts).toEqual(names)
    expect(codes).toEqual([...names.keys(), ...names.keys()])
  })

  it('from a text are those from its bytes', () => {
    const dictionary = new ByteDictionary()
    expect(['12', ' 12 ', 'ü', 'x'.repeat(5000), '12'].map(text => dictionary.encodeText(text))).toEqual([
      0, 0, 1, 2, 0,
    ])
  })
})
