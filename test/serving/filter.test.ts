import { describe, expect, it } from 'vitest'
import { parseFilter } from '../../src/serving/answers/filter.ts'
import { type AttributeColumn, attributeTensors, openAttributes } from '../../src/serving/items/attributes.ts'

const columns: AttributeColumn[] = [
  { name: 'stock', type: 'number', values: [0, 5, null, 12, -1] },
  { name: 'category', type: 'text', values: ['shoes', 'socks', 'shoes', null, 'Ça "va"'] },
  { name: 'is new', type: 'boolean', values: [true, false, null, true, false] },
]
const attributes = openAttributes(attributeTensors(columns), columns)
const found = (filter: string) => [0, 1, 2, 3, 4].filter(parseFilter(filter, attributes))

describe('a filter', () => {
  it.each([
    ['stock > 0', [1, 3]],
    ['stock >= 5 and stock <= 5', [1]],
    ['stock = -1 or stock == 12', [3, 4]],
    ['stock != 5', [0, 3, 4]],
    ['stock < 1e1', [0, 1, 4]],
    ['not stock > 0', [0, 2, 4]],
    ['stock is missing', [2]],
    ['category is not missing', [0, 1, 2, 4]],
    ["category = 'shoes'", [0, 2]],
    ['category in ("socks", "Ça \\"va\\"")', [1, 4]],
    // Ç comes after z
    ['category > "shoes"', [1, 4]],
    ['`is new` = true', [0, 3]],
    ['`is new` = FALSE AND stock > 0', [1]],
    // and binds tighter than or
    ['stock = 0 or stock = 5 and category = "shoes"', [0]],
    ['(stock = 0 or stock = 5) and category = "socks"', [1]],
    ['NOT (stock = 0 OR stock = 5)', [2, 3, 4]],
  ])('%s', (filter, items) => {
    expect(found(filter)).toEqual(items)
  })

  it.each([
    ['stok > 0', 'filter: unknown attribute "stok": known are stock, category, is new; did you mean "stock"?'],
    ['stock > "a"', 'filter: expected a number for attribute "stock" at position 9, found "a"'],
    ['category = 3', 'filter: expected a text for attribute "category" at position 12, found "3"'],
    ['stock', 'filter: expected =, !=, <, <=, >, >=, in or is at position 6, found its end'],
    ['stock > ', 'filter: expected a value at position 8, found its end'],
    ['stock > 0 stock', 'filter: expected and, or, or the end at position 11, found "stock"'],
    ['(stock > 0', 'filter: expected ")" at position 11, found its end'],
    ['stock > 0; process.exit()', 'filter: cannot read "; process.exit()" at position 10'],
    ['constructor = 1', 'filter: unknown attribute "constructor": known are stock, category, is new'],
    ['"stock" > 0', 'filter: expected the name of an attribute at position 1, found "stock"'],
    ['stock constructor 5', 'filter: expected =, !=, <, <=, >, >=, in or is at position 7, found "constructor"'],
    ['stock > constructor', 'filter: expected a value at position 9, found "constructor"'],
  ])('%s is refused', (filter, message) => {
    expect(() => found(filter)).toThrow(message)
  })

  it('of the greatest length is read, however deep', () => {
    expect(found(`${'('.repeat(990)}stock > 0${')'.repeat(990)}`)).toEqual([1, 3])
    expect(found(`${'not '.repeat(490)}stock > 0`)).toEqual([1, 3])
  })

  it('without any attribute says where they come from', () => {
    expect(() => parseFilter('stock > 0', [])).toThrow('give them with --items')
  })
})
