import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createVocabulary } from '../../src/dataset/dataset.ts'
import { itemOptions, readItemTexts } from '../../src/dataset/item-texts.ts'
import { temporaryDirectory } from '../support/directory.ts'

const read = async (csv: string, ids: (string | number)[], given: object = {}) => {
  const items = join(await temporaryDirectory({ 'items.csv': csv }), 'items.csv')
  return readItemTexts(itemOptions.parse({ items, ...given }), createVocabulary(ids))
}
const CSV = 'item_id,title,brand,about\n7,Tent,Acme,"Two\nlines"\n9,Boots,,\n8,,Acme,\n5,Lamp,Z,not asked for\n'

it('has one line per item, in the order of the vocabulary', async () => {
  expect(await read(CSV, [7, 8, 9, 10])).toEqual(['Tent', '', 'Boots', ''])
  expect(await read(CSV, ['9', '7'], { text: ['brand', 'about'] })).toEqual(['Boots', 'Tent: Acme; Two lines'])
  const [long] = await read(`sku,name,more\na,A,${'x'.repeat(500)}\n`, ['a'], {
    itemId: 'sku',
    title: 'name',
    text: ['more'],
  })
  expect(long).toBe(`A: ${'x'.repeat(240)}`)
})

it('names the column that is missing, a file about other items, and no file', async () => {
  await expect(read(CSV, [7], { title: 'name' })).rejects.toThrow(
    /items\.csv: expected the columns item_id, name, found item_id, title, brand, about; rename or add name/,
  )
  await expect(read(CSV, ['a', 'b'])).rejects.toThrow(
    /^--items .*items\.csv: column "item_id" has none of the 2 item ids: name another with --item-id$/,
  )
  await expect(readItemTexts(itemOptions.parse({}), createVocabulary([1]))).rejects.toThrow(
    'mode text needs to know what an item is: give --items FILE, with --title COLUMN',
  )
})
