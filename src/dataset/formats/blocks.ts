import { z } from 'zod'
import { IGNORED } from '../columns/columns.ts'
import { describeColumns } from '../columns/describe.ts'
import { createAccount, tally } from '../columns/rows.ts'
import { looksLikeTimes } from '../columns/time.ts'
import { quote, readLines } from '../files/text.ts'
import { readFields } from '../filters/where.ts'
import { defineFormat } from './format.ts'
import { createFields, splitFields } from './tables/fields.ts'

const ITEM = /^\s*([^,:\s]+):\s*$/
const NAMES = ['item', 'user', 'rating', 'time']
const DIALECT = { separator: ',', quote: 34 }

export const blocks = defineFormat({
  name: 'blocks',
  summary: 'A line "17:" per item, below it "user,rating,date" per user.',
  source: 'the Netflix Prize, training_set/mv_*.txt and combined_data_*.txt',
  options: z.object({}),
  detect({ lines }) {
    const [first, second] = lines.values().filter(line => line.trim() !== '')
    const fits = ITEM.test(first ?? '') && /^[^,:]+(,[^,]*){0,2}$/.test(second ?? '')
    return fits ? 'its first line is an item with a colon, and users stand below' : undefined
  },
  read(request) {
    const { sniff, signal, decide } = request
    const { file } = sniff
    const below = sniff.lines.find(line => line.trim() !== '' && !ITEM.test(line)) ?? ''
    const width = 1 + below.split(',').length
    // of the rows to be predicted, there is a date alone
    const isDate = width === 3 && looksLikeTimes([below.split(',')[1].trim()])
    const names = isDate ? ['item', 'user', 'time'] : NAMES.slice(0, width)
    const place = (role: 'rating' | 'time') => (request.wishes[role] === IGNORED ? -1 : names.indexOf(role))
    const [rating, time] = [place('rating'), place('time')]
    const chosen = { item: 0, user: 1, ...(rating > 0 && { rating }), ...(time > 0 && { time }) }
    decide(`${file.label}: columns ${describeColumns(chosen, names)}.`)
    const account = createAccount()
    const fields = createFields(width + 1)
    let item: string | undefined
    return readFields(request, chosen, names, account, async keep => {
      for await (const { lines, first } of readLines(file, signal))
        for (const [index, line] of lines.entries()) {
          if (line.trim() === '') continue
          const head = ITEM.exec(line)
          if (head) item = head[1]
          const bytes = Buffer.from(`${item},${line.trim()}`)
          if (head) continue
          splitFields(bytes, 0, bytes.length, DIALECT, 'strict', fields)
          if (item !== undefined && fields.count === width) {
            keep(fields, first + index)
            continue
          }
          const reason = `${fields.count - 1} fields instead of ${width - 1}`
          tally(account.refused, reason, `line ${first + index}`, () => quote(line))
        }
    })
  },
})
