import { readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readTable } from '../../../src/dataset/table.ts'
import { type EventLogOptions, type NewEvent, openEventLog } from '../../../src/serving/events/event-log.ts'
import { exportEvents } from '../../../src/serving/events/export-events.ts'
import { reportEvents } from '../../../src/serving/events/report-events.ts'
import { newRequestId, sourceOf } from '../../../src/serving/events/request-id.ts'
import { temporaryDirectory } from '../../support/directory.ts'

const event = (more: Partial<NewEvent>): NewEvent => ({
  user: 7,
  item: 'lamp',
  type: 'click',
  weight: 1,
  time: 1_700_000_000_000,
  ...more,
})

async function open(options?: EventLogOptions) {
  const path = join(await temporaryDirectory(), 'events.db')
  const log = openEventLog(path, options)
  onTestFinished(() => log.close())
  return { path, log }
}

describe('event log', () => {
  it('accepts events once: a repeated id changes nothing, also within one request', async () => {
    const { path, log } = await open()
    expect(await log.append([event({ id: 'a' }), event({ id: 'b' }), event({ id: 'a' })])).toEqual({
      accepted: 2,
      duplicates: 1,
    })
    const both = await Promise.all([log.append([event({ id: 'b' })]), log.append([event({ id: 'c' }), event({})])])
    expect(both).toEqual([
      { accepted: 0, duplicates: 1 },
      { accepted: 2, duplicates: 0 },
    ])
    expect(reportEvents(path)).toMatchObject({ events: 4, users: 1, items: 1, withoutRequest: 4, unknownRequest: 0 })
  })

  it('gives the history of a user at once, an item at its latest place with its weights summed', async () => {
    const { log } = await open()
    await log.append(['a', 'b', 'a', 'c'].map(item => event({ item, weight: item === 'a' ? 2 : 1 })))
    await log.append([event({ user: '8', item: 'z' })])
    expect(log.historyOf('7', 100)).toEqual({ items: ['b', 'a', 'c'], weights: [1, 4, 1], refused: [] })
    expect(log.historyOf(7, 2)).toEqual({ items: ['a', 'c'], weights: [2, 1], refused: [] })
    expect(log.historyOf('nobody', 100)).toEqual({ items: [], weights: [], refused: [] })
  })

  it('counts what came after an event that says no, and names the items that none came after', async () => {
    const { log } = await open()
    const kinds = ['purchase', 'return', 'view', 'dislike', 'remove_from_cart', 'view']
    const items = ['a', 'a', 'b', 'c', 'd', 'd']
    await log.append(items.map((item, at) => event({ item, type: kinds[at] })))
    expect(log.historyOf('7', 100)).toEqual({ items: ['b', 'd'], weights: [1, 1], refused: ['c', 'a'] })
  })

  it('leaves out events that are not as they were written, and says which', async () => {
    const damaged: number[] = []
    const { path, log } = await open({ onDamaged: number => damaged.push(number) })
    await log.append(['a', 'b', 'c'].map(item => event({ id: item, item })))
    const disk = new DatabaseSync(path)
    for (const change of [
      'weight = 3',
      "user_id = '8'",
      'time = 5',
      "type = 'buy'",
      "event_id = 'y'",
      "item_id = 'x'",
    ]) {
      const column = change.split(' ')[0]
      const { kept } = disk.prepare(`SELECT ${column} AS kept FROM events WHERE number = 2`).get()!
      disk.exec(`UPDATE events SET ${change} WHERE number = 2`)
      expect(reportEvents(path), change).toMatchObject({ events: 2, damaged: 1 })
      if (column !== 'item_id') disk.prepare(`UPDATE events SET ${column} = ? WHERE number = 2`).run(kept)
    }
    expect(log.historyOf(7, 10).items).toEqual(['a', 'c'])
    expect(log.historyOf(7, 10).items).toEqual(['a', 'c'])
    expect(damaged).toEqual([2])
    expect(reportEvents(path)).toMatchObject({ events: 2, items: 2, damaged: 1 })
    const file = join(path, '..', 'events.parquet')
    expect(await exportEvents(path, file)).toMatchObject({ rows: 2, damaged: 1 })
    // a log of version 1 has no digests, and gets them for what is new
    disk.exec('ALTER TABLE events DROP COLUMN digest; PRAGMA user_version = 1')
    disk.close()
    expect(reportEvents(path)).toMatchObject({ events: 3, damaged: 0 })
    const after = openEventLog(path)
    await after.append([event({ id: 'd' })])
    after.close()
    expect(reportEvents(path)).toMatchObject({ events: 4, damaged: 0 })
  })

  it('refuses a log whose file is damaged, with what to do', async () => {
    const { path, log } = await open()
    await log.append(Array.from({ length: 2000 }, (_, n) => event({ id: `e${n}`, user: n })))
    log.close()
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(7, 8192, 40_000))
    expect(() => reportEvents(path)).toThrow(
      /events\.db: damaged \(.*\): save what is left with "sqlite3 \S+ \.recover", and give another --events file$/,
    )
  })

  it('refuses what does not fit on the disk, says so, keeps none of it, and accepts again afterwards', async () => {
    const { path, log } = await open({ maxMegabytes: 0.1 })
    const many = Array.from({ length: 5000 }, (_, n) => event({ id: `large-${n}`, item: 'x'.repeat(100) }))
    await expect(log.append(many)).rejects.toThrow(
      `events cannot be written to ${path}: database or disk is full; free some space or raise --events-max-mb`,
    )
    expect(await log.append([event({ id: 'small' })])).toEqual({ accepted: 1, duplicates: 0 })
    expect(reportEvents(path).events).toBe(1)
  })

  it('writes what is waiting when it is closed', async () => {
    const { path, log } = await open()
    const waiting = log.append([event({})])
    log.close()
    expect(await waiting).toEqual({ accepted: 1, duplicates: 0 })
    const other = openEventLog(path)
    expect(other.historyOf(7, 9).items).toEqual(['lamp'])
    other.close()
  })

  it('opens nothing but an event log of its version', async () => {
    const directory = await temporaryDirectory()
    const text = join(directory, 'notes.txt')
    await writeFile(text, 'not a database, but longer than the header of one would have to be '.repeat(20))
    expect(() => openEventLog(text)).toThrow(`${text}: cannot be opened as an event log: file is not a database`)
    const other = join(directory, 'other.db')
    const database = new DatabaseSync(other)
    database.exec('CREATE TABLE shop (id)')
    expect(() => openEventLog(other)).toThrow(`${other}: expected an event log of version 2, found another database`)
    database.exec('PRAGMA user_version = 9')
    database.close()
    expect(() => openEventLog(other)).toThrow('found version 9')
    expect(() => openEventLog(join(directory, 'no', 'events.db'))).toThrow('give another --events file')
    expect(() => reportEvents(join(directory, 'absent.db'))).toThrow('no event log there')
  })
})

describe('events export', () => {
  it('writes a table in order of arrival, integers where all ids are, and says where to go on', async () => {
    const { path, log } = await open()
    await log.append([
      event({ id: 'e1', user: 12, item: 'lamp', requestId: 'r-1', weight: 2.5 }),
      event({ id: 'e2', user: '7', item: '41', type: 'purchase', time: 1_700_000_000_001 }),
    ])
    const file = `${path}.parquet`
    const columns = ['user_id', 'item_id', 'time', 'type', 'weight', 'request_id', 'event_id']
    expect(await exportEvents(path, file)).toEqual({ file, rows: 2, damaged: 0, last: 2 })
    expect(await readTable(file, columns)).toEqual({
      user_id: [12, 7],
      item_id: ['lamp', '41'],
      time: [1_700_000_000_000, 1_700_000_000_001],
      type: ['click', 'purchase'],
      weight: [2.5, 1],
      request_id: ['r-1', null],
      event_id: ['e1', 'e2'],
    })
    expect(await exportEvents(path, file, { types: ['purchase'] })).toMatchObject({ rows: 1, last: 2 })
    await log.append([event({ id: 'e3', user: '007' })])
    expect(await exportEvents(path, file, { after: 2 })).toEqual({ file, rows: 1, damaged: 0, last: 3 })
    expect((await readTable(file, ['user_id'])).user_id).toEqual(['007'])
    expect(await exportEvents(path, file, { after: 3 })).toEqual({ file, rows: 0, damaged: 0, last: 3 })
    await expect(exportEvents(path, 'events.csv')).rejects.toThrow(
      'give a file that ends in .parquet, got "events.csv"',
    )
  })

  it('holds the rows of a long log in pieces and loses none', async () => {
    const { path, log } = await open()
    await log.append(Array.from({ length: 5000 }, (_, n) => event({ id: `e${n}`, item: n })))
    const file = `${path}.parquet`
    expect(await exportEvents(path, file)).toMatchObject({ rows: 5000 })
    expect((await readTable(file, ['item_id'])).item_id).toEqual(Array.from({ length: 5000 }, (_, n) => n))
  })
})

describe('events report', () => {
  it('counts click-through for each model and call, by the request ids of both kinds', async () => {
    const { path, log } = await open()
    const source = sourceOf('ease@1', 'recommend')
    const ids = Array.from({ length: 3 }, () => newRequestId(source))
    log.countAnswers({
      counts: [
        { source, model: 'ease@1', call: 'recommend', day: 20000, answers: 8 },
        { source: sourceOf('ease@1', 'similar'), model: 'ease@1', call: 'similar', day: 20000, answers: 5 },
      ],
      named: [['shop-17', source]],
    })
    log.countAnswers({
      counts: [{ source, model: 'ease@1', call: 'recommend', day: 20001, answers: 2 }],
      named: [],
    })
    await log.append([
      event({ requestId: ids[0] }),
      event({ requestId: ids[0], type: 'purchase' }),
      event({ requestId: ids[1] }),
      event({ requestId: 'shop-17', type: 'purchase' }),
      event({ requestId: 'forged' }),
      event({}),
    ])
    const report = reportEvents(path)
    expect(report).toMatchObject({ events: 6, withoutRequest: 1, unknownRequest: 1 })
    expect(report.models).toHaveLength(2)
    const [first, second] = report.models
    expect(first).toMatchObject({
      ...{ model: 'ease@1', call: 'recommend', firstDay: 20000, lastDay: 20001, answers: 10, clicked: 3 },
      ...{ clickThrough: 0.3, events: { click: 2, purchase: 2 } },
    })
    // Wilson's interval for 3 of 10, as tables give it
    expect(first.interval.low).toBeCloseTo(0.1078, 4)
    expect(first.interval.high).toBeCloseTo(0.6032, 4)
    expect(second).toMatchObject({ call: 'similar', answers: 5, clicked: 0, clickThrough: 0, events: {} })
    expect(reportEvents(path, ['purchase']).models[0]).toMatchObject({ clicked: 2 })
  })
})
