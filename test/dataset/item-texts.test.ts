import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { createVocabulary } from '../../src/dataset/dataset.ts'
import { itemOptions, readItemTexts, readItemTitles } from '../../src/dataset/items/texts.ts'
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
    /items\.csv: has no column "name" \(--title\): there are title, brand, about$/,
  )
  await expect(read(CSV, ['a', 'b'])).rejects.toThrow(
    /^--items .*items\.csv: its ids, such as "7", are none of the 2 item ids, such as "a": name another column with --item-id$/,
  )
  await expect(readItemTexts(itemOptions.parse({}), createVocabulary([1]))).rejects.toThrow(
    'mode text needs to know what an item is: give --items FILE, with --title COLUMN',
  )
})

it.each([
  [
    'latin-1, semicolons and quotes',
    'items.csv',
    Buffer.from('"ISBN";"Book-Title"\r\n"007";"Émile; ou"\r\n"8";"B"\r\n', 'latin1'),
    ['007', '8'],
    {},
    ['Émile; ou', 'B'],
  ],
  [
    'two colons and no header',
    'movies.dat',
    '1::Toy Story (1995)::Animation\n2::Heat (1995)::Crime\n',
    [2, 1],
    { itemId: '0', title: '1' },
    ['Heat (1995)', 'Toy Story (1995)'],
  ],
  [
    'bars',
    'u.item',
    '1|Toy Story|01-Jan-1995\n2|Heat|01-Jan-1995\n',
    [1, 2],
    { itemId: '0', title: '1' },
    ['Toy Story', 'Heat'],
  ],
  [
    'tabs, ids as pandas writes them',
    'items.tsv',
    'movie_id\tmovie_title\n1.0\tToy Story\n2.0\tHeat\n',
    [1, 2],
    {},
    ['Toy Story', 'Heat'],
  ],
  [
    'JSON in an array',
    'items.json',
    '[{"id": 1, "name": "Tent", "tags": ["a"]}, {"id": 2, "name": null}]',
    [1, 2],
    {},
    ['Tent', ''],
  ],
  ['gzip', 'items.csv.gz', gzipSync('item_id,title\n1,Tent\n2,"Two\nlines"\n'), [1, 2], {}, ['Tent', 'Two lines']],
])('reads %s', async (_name, name, content, ids, given, titles) => {
  const items = join(await temporaryDirectory({ [name]: content }), name)
  const read = await readItemTitles({ items, ...given }, createVocabulary(ids))
  expect(read.titles).toEqual(titles)
})

it('says which column the titles are, for how many, and an encoding that was guessed', async () => {
  const items = join(
    await temporaryDirectory({ 'i.csv': Buffer.from('item_id,prod_name\n1,Café\n', 'latin1') }),
    'i.csv',
  )
  const { said } = await readItemTitles({ items }, createVocabulary([1, 2]))
  expect(said).toBe(
    `Titles: column "prod_name" of ${items}, read as windows-1252 since it is not UTF-8, for 1 of 2 items.`,
  )
  const without = join(await temporaryDirectory({ 'i.csv': 'item_id,price,brand\n1,3,x\n' }), 'i.csv')
  expect(await readItemTitles({ items: without }, createVocabulary([1]))).toEqual({
    said: `${without}: no column looks like a title: there are price, brand; name it with --title`,
  })
  await expect(readItemTexts(itemOptions.parse({ items: without }), createVocabulary([1]))).rejects.toThrow(
    'no column looks like a title',
  )
})
