import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openEventLog } from '../../../src/serving/events/event-log.ts'
import { newRequestId, sourceOf } from '../../../src/serving/events/request-id.ts'
import { runHere } from '../../support/cli.ts'
import { temporaryDirectory } from '../../support/directory.ts'

it('events report and export print what is in the log', async () => {
  const path = join(await temporaryDirectory(), 'events.db')
  const log = openEventLog(path)
  const source = sourceOf('ease@1', 'recommend')
  log.countAnswers({ counts: [{ source, model: 'ease@1', call: 'recommend', day: 20000, answers: 4 }], named: [] })
  const event = { user: 7, item: 'lamp', type: 'click', weight: 1, time: 1_700_000_000_000 }
  await log.append([{ ...event, requestId: newRequestId(source) }, event])
  log.close()
  const report = await runHere(['events', 'report', path])
  expect(report.code).toBe(0)
  expect(report.stdout).toContain(
    '2 events of 1 user on 1 item; without the id of an answer: 1, with an unknown one: 0.',
  )
  expect(report.stdout).toMatch(
    /^ease@1 {2,}recommend {2}2024-10-04 +4 +1 {2}25\.00 % {2}4\.56 % to 69\.94 % {2}1 click$/m,
  )
  const file = `${path}.parquet`
  const exported = await runHere(['events', 'export', path, '--out', file])
  expect(exported.stdout).toBe(`2 events: ${file} (the last is number 2: go on with --after 2)\n`)
  const rest = await runHere(['events', 'export', path, '--out', file, '--after', '2', '--json'])
  expect(JSON.parse(rest.stdout)).toEqual({ file, rows: 0, damaged: 0, last: 2 })
})
