/** What a reader wants to know first: which method is best, by how much, what it recommends, and what to do next. */
import { decimal } from '../../numbers.ts'
import type { ReportBest } from '../gather/best.ts'
import { metricName } from '../page/format.ts'
import { type Html, html } from '../page/html.ts'
import { breakable, scrolling, table } from '../page/table.ts'

/** What rows are made from, where it is more than train. */
export const VARIANT_WORDS = {
  'history train': '',
  'history train + valid': ', ranked from train + valid',
  refit: ', refitted on train + valid',
} as const

/** "Best on test: ease with NDCG@20 0.1151, 7.8 times popularity (0.0147) and 3.4 % above the best other baseline, item-knn (0.1113)." */
export function bestSentence({ method, part, variant, metric, value, popularity, baseline }: ReportBest): string {
  const { label, cutoff } = metricName(metric)
  const gains = [
    ...(popularity ? [`${(value / popularity).toFixed(1)} times popularity (${decimal(popularity)})`] : []),
    ...(baseline
      ? [
          `${(100 * (value / baseline.value - 1)).toFixed(1)} % above the best other baseline, ${baseline.method} (${decimal(baseline.value)})`,
        ]
      : []),
  ]
  return `Best on ${part === 'test' ? 'test' : 'validation'}: ${method} with ${label}@${cutoff} ${decimal(value)}${VARIANT_WORDS[variant]}${gains.length > 0 ? `, ${gains.join(' and ')}` : ''}.`
}

export function bestSection(best: ReportBest): Html {
  const list = (names: readonly string[]) =>
    html`${names.map((name, index) => html`${index > 0 && '; '}${breakable(name)}`)}`
  const rows = best.examples.map(({ user, history, items }) => [breakable(String(user)), list(history), list(items)])
  return html`${
    rows.length > 0 &&
    scrolling(
      'Recommendations to three users',
      table({
        caption: `What ${best.method} recommends to three users, drawn with the seed; best first`,
        columns: [{ title: 'User' }, { title: 'From their history' }, { title: 'Recommended' }],
        rows,
      }),
    )
  }
<p>Next, fit the row that is best on validation data once more, on all data, and serve it:</p>
<pre><code>${best.commands.join('\n')}</code></pre>`
}
