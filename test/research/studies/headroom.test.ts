import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSplit } from '../../../src/dataset/store.ts'
import { readTable } from '../../../src/dataset/table.ts'
import { heldOutItems } from '../../../src/evaluation/held-out.ts'
import { studies } from '../../../src/research/studies/index.ts'
import { runStudy } from '../../../src/research/studies/run-study.ts'
import type { StudyRow } from '../../../src/research/studies/study.ts'
import { runGiven as run } from '../../../src/run/run.ts'
import { writeSmallData } from '../../support/cli.ts'
import { sharedDirectory } from '../../support/directory.ts'
import { SMALL_RUN, watchStages } from '../../support/small-run.ts'

const root = sharedDirectory()
const source = writeSmallData(root)
const directory = join(root, 'headroom')

async function ask(options: object = {}) {
  const watched = watchStages()
  const written = await runStudy({
    study: studies.get('headroom'),
    ...{ source, directory, options: { hardNegatives: false, ...options }, given: SMALL_RUN, emit: watched.emit },
  })
  return { ...written, ...watched }
}

describe('study headroom', () => {
  it('scores on half B alone what knowing half A changes, and says it in one sentence', async () => {
    const { json, paragraph, messages, table } = await ask()
    const { rows } = json as { rows: StudyRow[] }
    expect(rows.map(({ name }) => name)).toEqual(
      [
        'no judging',
        'half A never drawn',
        'half A taught',
        'all candidates never drawn',
        'this judge',
        'half B never drawn (circular)',
      ].map(name => `mf+dual-tree: ${name}`),
    )
    expect(table).toHaveLength(7)
    for (const row of rows.slice(1)) expect(row.difference?.against).toBe('mf+dual-tree: no judging')
    expect(paragraph).toMatch(
      /^mf\+dual-tree: a perfect judge would change NDCG@20 by [+−]\d\.\d{4} \[.*\] here if its positives are never drawn as negatives, by .* if they are taught; this judge changes it by /,
    )
    expect(messages).toContainEqual(
      expect.stringMatching(/^Half A: \d+ validation items that the oracle knows; half B: \d+, scored\.$/),
    )
  })

  it('never lets the oracle know what is scored', async () => {
    const known = await readTable(join(directory, 'halves', 'known.parquet'), ['user_id', 'item_id'])
    const halved = await readSplit(join(directory, 'halves'))
    const { data } = await run({ directory: join(root, 'whole'), source, options: SMALL_RUN, until: 'data' })
    const scored = heldOutItems(halved, ['valid', 'test'])
    const original = heldOutItems(data.value, ['valid'])
    expect(known.user_id.length).toBeGreaterThan(10)
    known.user_id.forEach((id, row) => {
      const user = halved.train.userIds.indexOf(id!)
      const item = halved.train.itemIds.indexOf(known.item_id[row]!)
      expect(scored(user).map(held => held.item)).not.toContain(item)
      expect(original(user).map(held => held.item)).toContain(item)
    })
  })

  it('excludes what it says: half A for the oracle, and half B in the circular row, which scores higher', async () => {
    const { json } = await ask()
    const { rows } = json as { rows: StudyRow[] }
    const value = (name: string) => rows.find(row => row.name.endsWith(name))!.figures['ndcg@20']
    expect(value('half B never drawn (circular)')).toBeGreaterThan(value('half A never drawn'))
    expect(value('half A taught')).not.toBe(value('half A never drawn'))
  })

  it('is not asked on test', async () => {
    await expect(ask({ on: 'test' })).rejects.toThrow(
      'study "headroom" halves the validation data and leaves test closed: leave --on out',
    )
  })
})

describe('a split that dualtree wrote', () => {
  it('is data as it is: the same ids, the same hash', async () => {
    const { data } = await run({ directory: join(root, 'first'), source, options: SMALL_RUN, until: 'data' })
    const again = await run({
      directory: join(root, 'second'),
      source: join(root, 'first', 'data'),
      options: SMALL_RUN,
      until: 'data',
    })
    expect(again.data.value.hash).toBe(data.value.hash)
    expect(again.data.value.train.userIds.ids).toEqual(data.value.train.userIds.ids)
  })

  it('takes no option that would change it', async () => {
    const options = { ...SMALL_RUN, kCore: 2 }
    await expect(
      run({ directory: join(root, 'third'), source: join(root, 'first', 'data'), options, until: 'data' }),
    ).rejects.toThrow(
      'is a split that dualtree wrote, and is used as it is: remove --k-core, or give the original data',
    )
  })
})
