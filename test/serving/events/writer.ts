/** Appends events one after the other until it is killed, and prints the id of each that was accepted. */
import { writeSync } from 'node:fs'
import { openEventLog } from '../../../src/serving/events/event-log.ts'

const [path, first] = process.argv.slice(2)
const log = openEventLog(path)
for (let n = Number(first); ; n++) {
  // several at once share a transaction; one of them is a repetition of what may have been accepted before
  const ids = [n, n + 1, n].map(index => `event-${index}`)
  await Promise.all(
    ids.map(id => log.append([{ id, user: 7, item: `item-${n % 50}`, type: 'click', weight: 1, time: n }])),
  )
  for (const id of ids) writeSync(1, `${id}\n`)
}
