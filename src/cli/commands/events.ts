/** `dualtree events`: the log that a server keeps of what users did. */
import type { Command } from 'commander'
import { z } from 'zod'
import { percent, plural } from '../../numbers.ts'
import { exportEvents, exportEventsOptions } from '../../serving/events/export-events.ts'
import { describeDamaged } from '../../serving/events/read-event-log.ts'
import { reportEvents } from '../../serving/events/report-events.ts'
import { commandGroup, local } from '../shared/add-commands.ts'
import { addSchemaFlags, givenOf } from '../shared/flags.ts'
import { addPrintFlags, type SessionFlags, show } from '../shared/session.ts'
import { formatColumns, wrapText } from '../shared/table.ts'

export const { subcommands, configure } = commandGroup([
  { name: 'report', summary: 'click-through of each model that was served', load: local(reportLog) },
  { name: 'export', summary: 'the events as Parquet, for the next training', load: local(exportLog) },
])

const reportOptions = z.object({
  types: z
    .array(z.string())
    .default([])
    .describe('events that count as a click, such as click,purchase; all when none'),
})

function reportLog(command: Command): void {
  command.argument('<log>', 'the file that "dualtree serve --events" writes; the server may run')
  addSchemaFlags(addPrintFlags(command), reportOptions).action((log: string, flags: SessionFlags) => {
    const { types } = reportOptions.parse(givenOf(reportOptions, flags))
    const report = reportEvents(log, types)
    const { events, users, items, withoutRequest, unknownRequest, models } = report
    const eventsOf = (row: (typeof models)[number]) =>
      Object.entries(row.events).map(([type, count]) => `${count} ${type}`)
    const table = formatColumns(models, [
      ['model', row => row.model],
      ['call', row => row.call],
      ['days', row => firstAndLast(row.firstDay, row.lastDay)],
      ['answers', row => row.answers],
      ['clicked', row => row.clicked],
      ['share', row => percent(row.clickThrough, 1, 2)],
      ['95 % CI', row => `${percent(row.interval.low, 1, 2)} to ${percent(row.interval.high, 1, 2)}`],
      ['events', row => eventsOf(row).join(', ') || '–'],
    ])
    const text = [
      wrapText(
        `${plural(events, 'event')} of ${plural(users, 'user')} on ${plural(items, 'item')}; without the id of an answer: ${withoutRequest}, with an unknown one: ${unknownRequest}${describeDamaged(report)}.`,
      ),
      ...(models.length > 0 ? ['', table, '', wrapText(NOTE)] : []),
    ].join('\n')
    show({ text, json: report }, flags)
  })
}

const NOTE =
  'clicked: answers that at least one event names. Models served one after the other had different users and days: the shares do not compare them.'

const date = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10)
const firstAndLast = (first: number, last: number) => (first === last ? date(first) : `${date(first)} to ${date(last)}`)

function exportLog(command: Command): void {
  command
    .argument('<log>', 'the file that "dualtree serve --events" writes; the server may run')
    .requiredOption('--out <file>', 'Parquet file to write')
    .option('--json', 'print one JSON document')
  addSchemaFlags(command, exportEventsOptions).action(async (log: string, flags: SessionFlags & { out: string }) => {
    const result = await exportEvents(log, flags.out, givenOf(exportEventsOptions, flags))
    const next = result.rows > 0 ? ` (the last is number ${result.last}: go on with --after ${result.last})` : ''
    show({ text: `${result.rows} events: ${result.file}${next}${describeDamaged(result)}`, json: result }, flags)
  })
}
