/** A leaderboard as a table. */
import { metricLabel } from '../../../report/page/format.ts'
import type { Leaderboard, LeaderboardRow } from './leaderboard.ts'
import { BAND } from './published.ts'

const figure = (value: number) => value.toFixed(4)

/** Published and ours side by side, and what is to be said of single rows. */
export function formatLeaderboard({ metrics, rows }: Leaderboard) {
  const header = ['row', ...metrics.flatMap(metric => [metricLabel(metric), 'published']), '', 'processor s']
  const cells = ({ name, published, ours, holds }: LeaderboardRow): string[] => [
    ours && ours.name !== name ? `${name}: ${ours.name}` : name,
    ...metrics.flatMap((metric, at) => {
      const own = ours?.values?.[metric]
      const found = own ? `${figure(own.value)} [${figure(own.low)}, ${figure(own.high)}]` : '–'
      return [found, published ? figure(published[at]) : '']
    }),
    holds === undefined ? '' : holds ? 'ok' : 'OUTSIDE',
    ours?.processorSeconds?.toFixed(0) ?? '',
  ]
  const said = rows.flatMap(({ ours }) => {
    if (!ours) return []
    const loss = ours.loss === undefined ? undefined : `loss of the last epoch ${figure(ours.loss)}`
    const resumed = ours.processorSeconds === undefined ? 'resumed: its processor seconds are not known' : undefined
    const parts = [ours.unsupported ?? ours.note, loss, resumed].filter(part => part !== undefined)
    return parts.length > 0 ? [`${ours.name}: ${parts.join('; ')}`] : []
  })
  const band = `95 % bootstrap CIs over users. Ours is "ok" within ± ${(100 * BAND).toFixed(1)} % of what is published.`
  return { header, rows: rows.map(cells), notes: [band, ...said] }
}
