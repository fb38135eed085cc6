import { z } from 'zod'
import { createDictionary, growing } from '../../../src/dataset/columns/rows.ts'
import { readLines, splitWords } from '../../../src/dataset/files/text.ts'
import { defineFormat } from '../../../src/dataset/formats/format.ts'
import { DataError } from '../../../src/errors.ts'

const ENTRY = /^\d+:\S+$/

export const libsvm = defineFormat({
  name: 'libsvm',
  summary: 'A user with all its items per line, as "user item:value item:value"; the value is the rating.',
  source: 'the sparse format of LIBSVM; differs: the label is a user',
  options: z.object({}),
  detect({ lines }) {
    const rows = lines.map(splitWords).filter(words => words.length > 0)
    const fits = rows.length > 0 && rows.every(([, ...entries]) => entries.every(entry => ENTRY.test(entry)))
    return fits && rows.some(words => words.length > 1) ? 'its lines are lists of item:value' : undefined
  },
  async read({ sniff: { file }, signal }) {
    const users = createDictionary()
    const items = createDictionary()
    const userCodes = growing(Int32Array)
    const itemCodes = growing(Int32Array)
    const ratings = growing(Float64Array)
    for await (const { lines, first } of readLines(file, signal)) {
      lines.forEach((line, index) => {
        const [user, ...entries] = splitWords(line)
        for (const entry of entries) {
          if (!ENTRY.test(entry))
            throw new DataError(
              `${file.label} line ${first + index}: expected "item:value" such as "17:1", found "${entry}"; fix the line`,
            )
          const [item, value] = entry.split(':')
          userCodes.push(users.encode(user))
          itemCodes.push(items.encode(item))
          ratings.push(Number(value))
        }
      })
    }
    return {
      count: userCodes.values().length,
      users: { texts: users.texts, codes: userCodes.values() },
      items: { texts: items.texts, codes: itemCodes.values() },
      ratings: ratings.values(),
      names: {},
    }
  },
})
