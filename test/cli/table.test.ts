import { describe, expect, it } from 'vitest'
import { formatTable, wrapText } from '../../src/cli/shared/table.ts'

describe('a table on the terminal', () => {
  const header = ['item', 'a', 'bb', 'ccc']
  const rows = [
    ['x', '1', '2', '3'],
    ['long', '10', '20', '30'],
  ]

  it('is one where it fits, and several with the first column again where it does not', () => {
    expect(formatTable(header, rows, 80)).toBe(
      ['item   a  bb  ccc', '────  ──  ──  ───', 'x      1   2    3', 'long  10  20   30'].join('\n'),
    )
    expect(formatTable(header, rows, 12)).toBe(
      [
        'item   a  bb',
        '────  ──  ──',
        'x      1   2',
        'long  10  20',
        '',
        'item  ccc',
        '────  ───',
        'x       3',
        'long   30',
      ].join('\n'),
    )
  })

  it('repeats all headings of a row, left', () => {
    expect(formatTable(['item', 'of', 'bb', 'ccc'], [['x', 'y', '2', '3']], 13, 2)).toBe(
      ['item  of  bb', '────  ──  ──', 'x     y    2', '', 'item  of  ccc', '────  ──  ───', 'x     y     3'].join(
        '\n',
      ),
    )
  })

  it('never breaks a cell, even where one alone is too wide', () => {
    expect(formatTable(['a', 'b'], [['1', 'wider than four']], 4).split('\n')[0]).toBe('a                b')
  })

  it('counts what is shown: wide characters have two columns', () => {
    const [first, , second] = formatTable(['名', 'n'], [['本', '1']], 80).split('\n')
    expect([first, second]).toEqual(['名  n', '本  1'])
    expect(
      formatTable(
        ['id', 'n'],
        [
          ['日本', '1'],
          ['abcd', '2'],
        ],
        80,
      )
        .split('\n')
        .slice(2),
    ).toEqual(['日本  1', 'abcd  2'])
  })
})

describe('sentences', () => {
  it('are broken between words, with the indent of their line', () => {
    expect(wrapText('  one two three\nfour', 10)).toBe('  one two\n  three\nfour')
    expect(wrapText('averyveryverylongword x', 10)).toBe('averyveryverylongword\nx')
    expect(wrapText('', 10)).toBe('')
  })
})
