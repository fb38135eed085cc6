import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { chooseByName } from '../columns/columns.ts'
import { describeColumns } from '../columns/describe.ts'
import { chooseByPosition } from '../columns/places.ts'
import { createAccount } from '../columns/rows.ts'
import { readFields } from '../filters/where.ts'
import { defineFormat, SAMPLED_ROWS } from './format.ts'
import { fieldTexts } from './tables/fields.ts'
import { FOOTER } from './tables/records.ts'
import { readWordLines, type WordVisit } from './word-lines.ts'
import { commonWidth, hasHeader, isMatrix, isRuler, readingOfWords, wordRows } from './words.ts'

const [DASH, EQUALS] = [45, 61]

const REMEDY = 'for a user followed by items: --format adjacency or sequences'

export const pairs = defineFormat({
  name: 'pairs',
  summary: 'User and item per line, then perhaps rating and time, separated by blanks or tabs; no header.',
  source: 'the split released with arXiv 2602.18249, and MovieLens u.data',
  options: z.object({}),
  detect(sniff, beside) {
    const reading = readingOfWords(sniff, beside)
    return reading?.family === 'pairs' ? reading.reason : undefined
  },
  async read(request) {
    const { sniff, beside = [sniff], wishes, signal, decide } = request
    const { file } = sniff
    const lines = wordRows(sniff)
    const headed = hasHeader(lines)
    const samples = headed ? lines.slice(1) : lines
    const width = commonWidth(samples) || (samples[0]?.length ?? 0)
    const place = `${file.label} line ${sniff.lines.findIndex(line => line.trim() !== '') + 1}`
    if (width === 0) throw new DataError(`${place}: expected a user and an item, found no text; give --format`)
    const files = [sniff, ...beside.filter(other => other !== sniff)]
    const sampled = files.map(other => wordRows(other).slice(0, SAMPLED_ROWS))
    const pooled = sampled.map(rows => rows.filter(words => words.length === width)).filter(rows => rows.length > 0)
    const names = headed ? lines[0] : Array.from({ length: width }, (_, position) => String(position))
    const chosen = headed ? chooseByName(names, wishes, place, samples) : chooseByPosition(width, pooled, wishes, place)
    decide(`${file.label}: columns ${describeColumns(chosen, names, samples, wishes)}.`)

    const account = createAccount()
    const header = headed ? names[0].charCodeAt(0) : undefined
    let next = isMatrix(sniff) ? 'line with the size of the matrix' : headed ? 'header' : undefined
    return readFields(request, chosen, names, account, async keep => {
      const visit: WordVisit = (fields, line) => {
        // dashes, or a letter, begin what else terminals write than rows of numbers
        const first = fields.bytes[fields.starts[0]]
        const words = first === DASH || first === EQUALS || first === header ? fieldTexts(fields) : undefined
        if (words && isRuler(words)) return [account.skipped, 'ruler']
        if (next) {
          const what = next
          next = undefined
          return what === 'header' ? undefined : [account.skipped, what]
        }
        if (words && headed && words.every((word, at) => word === names[at]))
          return [account.skipped, 'repeated header']
        if (fields.count === width) keep(fields, line)
        else if (FOOTER.test(fieldTexts(fields).join(' '))) return [account.skipped, 'footer']
        else return [account.refused, `${fields.count} words instead of ${width} (${REMEDY})`]
        return
      }
      await readWordLines(file, '', account, visit, signal)
    })
  },
})
