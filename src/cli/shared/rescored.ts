/** What `rescore` prints: our figures beside those of other libraries, with the cause of each difference. */
import type { Rescored, RescoredRun } from '../../comparison/rescore.ts'
import { compact } from '../../numbers.ts'
import { formatColumns } from './table.ts'

export function formatRescored({ dataHash, evaluatedOn, cutoff, users, mask, rows, notes }: RescoredRun): string {
  const ranked = rows.some(row => row.ownMask !== undefined)
  const parts = [
    `Lists of ${cutoff} items for ${users} users with ${evaluatedOn} data, ${mask} masked; data hash ${dataHash.slice(0, 12)}`,
    `ours: dualtree; theirs: the library's formulas on the same lists${ranked ? '; own mask: on lists ranked with what it masks' : ''}`,
  ]
  for (const { library, source, notes: said } of notes) {
    const own = rows.filter(row => row.library === library)
    const masked = own.some(row => row.ownMask !== undefined)
    const [title, rule, ...lines] = formatColumns(own, [
      [library, row => row.method],
      ['metric', row => row.metric],
      ['ours', row => compact(row.ours)],
      ['theirs', row => compact(row.sameLists)],
      ...(masked ? [['own mask', (row: Rescored) => compact(row.ownMask)] as const] : []),
    ]).split('\n')
    const explained = lines.map((line, at) => [line, own[at].causes.join('; ')].filter(Boolean).join('  '))
    parts.push('', `${title}  cause of the difference`, rule, ...explained, `${source}; ${said.join('; ')}`)
  }
  return parts.join('\n')
}
