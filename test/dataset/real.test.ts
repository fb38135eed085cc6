/** The real data sets beside the repository; skipped where they are not. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadSplit } from '../../src/dataset/load.ts'
import { readSplit, writeSplit } from '../../src/dataset/store.ts'
import { openTruth } from '../../src/dataset/truth.ts'
import { temporaryDirectory } from '../support/directory.ts'

const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url))
const reason = existsSync(DATA) ? '' : ' (skipped: there is no ../shared/data beside the repository)'

describe.skipIf(reason !== '')(`real data${reason}`, () => {
  it('Sports: the released split, as it is', async () => {
    const { split, report } = await loadSplit(join(DATA, 'sports'))
    expect(report.counts).toMatchObject({
      users: 15138,
      items: 8439,
      train: 171621,
      valid: 19370,
      test: 19448,
      duplicates: 0,
      heldOutUnknownUsers: 0,
      heldOutUnknownItems: 0,
      heldOutAlreadySeen: 0,
      testAlreadyInValid: 0,
    })
    expect(split.train.userIds.ids).toEqual(Array.from({ length: 15138 }, (_, user) => user))
    expect(split.train.itemIds.ids[0]).toBe(15138)
    expect(split.train.itemIds.ids[8438]).toBe(23576)
    const { offsets } = openTruth(split.test)
    expect(
      Array.from({ length: 15138 }, (_, user) => offsets[user + 1] - offsets[user]).filter(count => count > 0).length,
    ).toBe(10507)
    expect(report.decisions).toContain(
      'Item ids start at 15138, just after the user ids: taken as one shared id space; original ids are kept.',
    )
    const directory = await temporaryDirectory()
    await writeSplit(split, directory)
    expect((await readSplit(directory)).hash).toBe(split.hash)
  })

  it('Beauty: sequences, 22,363 users and 12,101 items', async () => {
    const { split, report } = await loadSplit(join(DATA, 'beauty'), { split: 'per-user-time' })
    expect(report.decisions[0]).toContain('sequences.txt: format sequences')
    expect(report.counts).toMatchObject({ rows: 198502, users: 22363, duplicates: 0 })
    expect(report.decisions).toContain('User ids are integers, 1 to 22363; item ids are integers, 1 to 12101.')
    expect(split.train.timestamps).toHaveLength(report.counts.train)
  })

  it('LastFM: leave-one-out holds one of each user out', async () => {
    const { report } = await loadSplit(join(DATA, 'lastfm'), { split: 'leave-one-out' })
    const { users, train, valid, test, heldOutUnknownItems } = report.counts
    expect(users).toBe(1090)
    expect(valid + test + heldOutUnknownItems).toBe(2 * 1090)
    expect(train + 2 * 1090).toBe(report.counts.rows)
    expect(report.decisions).toContain('User ids are integers, 1 to 1090; item ids are integers, 1 to 3646.')
  })

  it('Beauty is its own 5-core', async () => {
    const { report } = await loadSplit(join(DATA, 'beauty'), { kCore: 5 })
    expect(report.counts.outsideCore).toBe(0)
  })
})
