/** What `rescore` prints: our figures beside those of other libraries, with the cause of each difference. */
import type { RescoredRun } from '../../comparison/rescore.ts'
import { compact } from '../../numbers.ts'
import { formatTable } from './table.ts'

export function formatRescored({ dataHash, evaluatedOn, cutoff, users, mask, rows, notes }: RescoredRun): string {
  const ranked = rows.some(row => row.ownMask !== undefined)
  const parts = [
    `Lists of ${cutoff} items for ${users} users with ${evaluatedOn} data, ${mask} masked; data hash ${dataHash.slice(0, 12)}`,
    `ours: dualtree; theirs: the library's formulas on the same lists${ranked ? '; own mask: on lists ranked with what it masks' : ''}`,
  ]
  for (const { library, source, notes: said } of notes) {
    const own = rows.filter(row => row.library === library)
    const masked = own.some(row => row.ownMask !== undefined)
    const head = [library, 'metric', 'ours', 'theirs', ...(masked ? ['own mask'] : [])]
    const cells = own.map(row => [
      row.method,
      row.metric,
      compact(row.ours),
      compact(row.sameLists),
      ...(masked ? [compact(row.ownMask!)] : []),
    ])
    const [title, ...lines] = formatTable(head, cells).split('\n')
    parts.push(
      '',
      [
        `${title}  cause of the difference`,
        lines[0],
        ...own.map((row, at) => withCause(lines[at + 1], row.causes)),
      ].join('\n'),
    )
    parts.push(`${source}; ${said.join('; ')}`)
  }
  return parts.join('\n')
}

const withCause = (line: string, causes: readonly string[]) => (causes.length ? `${line}  ${causes.join('; ')}` : line)
