import { formatCount } from '../numbers.ts'
import type { Check } from './check.ts'

/** A pair that stands twice in test counts twice, and one in train is learned twice. */
export const duplicates: Check = {
  name: 'duplicates',
  summary: 'No file says a pair twice.',
  run({ parts }) {
    const repeated = Object.entries(parts).map(
      ([name, { rows, pairs }]) => [name, rows - pairs.indices.length] as const,
    )
    const found = repeated.filter(([, count]) => count > 0)
    const figures = Object.fromEntries(repeated)
    if (found.length === 0) return { verdict: 'ok', text: 'every file says each pair once', figures }
    const listed = found.map(([name, count]) => `${formatCount(count)} in ${name}`)
    return { verdict: 'note', text: `repeated pairs: ${listed.join(', ')}`, figures }
  },
}
