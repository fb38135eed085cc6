/** Results beside peers as rows of text, the same on the terminal and in the docs. */
import { median } from '../measure.ts'
import { formatTime, type Table } from '../tables.ts'
import type { PeerResult, Side } from './work.ts'

/** Times of each side, its median and in brackets each round, in the same unit unless it has another; a ratio below 1 is one of ours ahead. */
export function peerTable(results: readonly PeerResult[]): Table {
  return {
    header: ['processor time, one thread', 'beside', 'dualtree', 'peer', 'ratio', 'NDCG@20', 'of the peer'],
    rows: results.map(({ title, version, own, other }) => [
      title,
      version.replace('==', ' '),
      timesOf(own),
      timesOf(other),
      (median(own.seconds) / median(other.seconds)).toFixed(2),
      own.ndcg?.toFixed(4) ?? '',
      other.ndcg?.toFixed(4) ?? '',
    ]),
  }
}

function timesOf({ seconds }: Side): string {
  const [middle, ...rounds] = [median(seconds), ...seconds].map(formatTime)
  const unit = middle.slice(middle.indexOf(' '))
  const bare = rounds.map(time => (time.endsWith(unit) ? time.slice(0, -unit.length) : time))
  return rounds.length > 1 ? `${middle} (${bare.join(' ')})` : middle
}
