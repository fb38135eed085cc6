import type { Command } from 'commander'
import { describeDamaged } from '../../../serving/events/event-log.ts'
import { exportEvents, exportEventsOptions } from '../../../serving/events/export-events.ts'
import { addSchemaFlags, givenOf } from '../../shared/flags.ts'
import { type SessionFlags, show } from '../../shared/session.ts'

export function configure(command: Command): void {
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
