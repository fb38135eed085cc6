import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { chooseByPosition, describeColumns, mapColumns } from '../columns.ts'
import { createDictionary, growing } from '../rows.ts'
import { readLines, recordAt, splitWords, wordRecords } from '../text.ts'
import { parseNumber, parseTime } from '../time.ts'
import { defineFormat } from './format.ts'

export const pairs = defineFormat({
  name: 'pairs',
  summary: 'A user and an item a line, between blanks or tabs; perhaps a rating and a time after them. No header.',
  source: 'the split released with arXiv 2602.18249, and MovieLens u.data',
  options: z.object({}),
  detect({ lines }) {
    const counts = wordCounts(lines)
    const [count] = counts
    return counts.size === 1 && count >= 2 && count <= 4 ? `each of its first lines has ${count} words` : undefined
  },
  async read({ sniff, wishes, signal, decide }) {
    const { file, lines } = sniff
    const samples = lines.map(splitWords).filter(words => words.length > 0)
    const width = samples[0]?.length ?? 0
    const place = `${file.label} line ${lines.findIndex(line => line.trim() !== '') + 1}`
    if (width === 0) throw new DataError(`${place}: expected a user and an item, found no text; give --format`)
    const chosen = chooseByPosition(width, samples.slice(0, 100), wishes, place)
    const names = Array.from({ length: width }, (_, position) => String(position))
    decide(`${file.label}: columns ${describeColumns(chosen, names)}.`)

    const { user, item, rating, time } = chosen
    const users = { dictionary: createDictionary(), codes: growing(Int32Array) }
    const items = { dictionary: createDictionary(), codes: growing(Int32Array) }
    const ratings = growing(Float64Array)
    const values = growing(Float64Array)
    const dated = growing(Uint8Array)
    for await (const batch of readLines(file, signal)) {
      for (let index = 0; index < batch.lines.length; index++) {
        const words = splitWords(batch.lines[index])
        if (words.length === 0) continue
        if (words.length !== width)
          throw new DataError(
            `${file.label} line ${batch.first + index}: expected ${width} columns as in the first line, found ${words.length}; ` +
              'fix the line, or, if each line is a user followed by items, set format "adjacency" or "sequences"',
          )
        users.codes.push(users.dictionary.encode(words[user]))
        items.codes.push(items.dictionary.encode(words[item]))
        if (rating !== undefined) ratings.push(parseNumber(words[rating]))
        if (time === undefined) continue
        const read = parseTime(words[time])
        values.push(read.value)
        dated.push(read.dated ? 1 : 0)
      }
    }
    const codes = users.codes.values()
    return {
      count: codes.length,
      users: { texts: users.dictionary.texts, codes },
      items: { texts: items.dictionary.texts, codes: items.codes.values() },
      ...(rating !== undefined && { ratings: ratings.values() }),
      ...(time !== undefined && { times: { kind: 'clock', values: values.values(), dated: dated.values() } }),
      names: mapColumns(chosen, position => `column "${position}"`),
      async locate(row) {
        const { line, fields } = await recordAt(file, wordRecords(), row)
        return { place: `line ${line}`, values: mapColumns(chosen, position => fields[position]) }
      },
    }
  },
})

/** How many words the lines have, blank lines aside. */
export function wordCounts(lines: readonly string[]): Set<number> {
  return new Set(lines.map(line => splitWords(line).length).filter(count => count > 0))
}
