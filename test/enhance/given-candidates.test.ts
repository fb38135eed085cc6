import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { writeTable } from '../../src/dataset/table.ts'
import { readGivenCandidates } from '../../src/enhance/given-candidates.ts'
import { temporaryDirectory } from '../support/directory.ts'

const train = createDataset(
  { users: [0, 1], items: [0, 1] },
  createVocabulary(['ann', 'bob']),
  createVocabulary([10, 11, 12, 13]),
)
const read = async (csv: string, k = 2) =>
  readGivenCandidates(join(await temporaryDirectory({ 'own.csv': csv }), 'own.csv'), train, k)

describe('candidates of a file', () => {
  it('stand in the order of their rank, or of their score, or of the rows', async () => {
    const lists = async (csv: string) => [...(await read(csv)).candidates.items]
    expect(await lists('user_id,item_id,rank\nann,11,2\nann,12,1\nbob,13,1\n')).toEqual([2, 1, 3, -1])
    expect(await lists('item_id,user_id,score\n11,ann,0.5\n12,ann,0.75\n')).toEqual([2, 1, -1, -1])
    expect(await lists('user_id,item_id\nann,11\nann,12\n')).toEqual([1, 2, -1, -1])
  })

  it('come from Parquet too, with their scores', async () => {
    const path = join(await temporaryDirectory(), 'own.parquet')
    const columns = [
      { name: 'user_id', type: 'VARCHAR', value: () => 'bob' },
      { name: 'item_id', type: 'INTEGER', value: (row: number) => 12 + row },
      { name: 'score', type: 'FLOAT', value: (row: number) => row },
    ] as const
    await writeTable(path, columns, 2)
    const { candidates, left } = await readGivenCandidates(path, train, 2)
    expect([...candidates.items]).toEqual([-1, -1, 3, 2])
    expect([...candidates.scores.subarray(2)]).toEqual([1, 0])
    expect(left).toEqual({})
  })

  it('are counted where they are not used, by reason', async () => {
    const { candidates, left } = await read('user_id,item_id\nann,11\nann,11\nzoe,11\nann,99\nann,10\nann,12\nann,13\n')
    expect([...candidates.items]).toEqual([1, 2, -1, -1])
    expect(left).toEqual({
      'unknown user': 1,
      'unknown item': 1,
      'observed in train': 1,
      'listed twice': 1,
      'more than --candidates-per-user': 1,
    })
  })

  it('are refused when the columns are others, or none is of this data', async () => {
    await expect(read('who,item_id\nann,11\n')).rejects.toThrow(
      'own.csv: expected the columns user_id, item_id, found who, item_id; rename or add user_id',
    )
    await expect(read('user_id,item_id\nzoe,11\n')).rejects.toThrow(
      'own.csv: none of its 1 rows is a candidate of this data (1 unknown user); check --candidates',
    )
    await expect(readGivenCandidates('nowhere.csv', train, 2)).rejects.toThrow(
      /^nowhere\.csv: cannot be read: .*CSV with a header$/,
    )
  })
})
