/** Where the time of a run went, kernel by kernel. */
import { formatCount, percent, seconds } from '../../numbers.ts'
import type { StageProfile } from '../../run/profile.ts'
import { type Html, html } from '../page/html.ts'
import { bar, breakable, numeric, scrolling, table } from '../page/table.ts'

/** Kernels of each stage that are shown by name. */
const SHOWN = 6

export function profileSection(profile: readonly StageProfile[]): Html {
  const rows = profile
    .filter(stage => stage.seconds >= 0.05)
    .flatMap(({ stage, seconds: whole, kernels }) => {
      const shown = kernels.slice(0, SHOWN)
      const other = kernels.slice(SHOWN).reduce((sum, kernel) => sum + kernel.seconds, 0)
      const outside = whole - kernels.reduce((sum, kernel) => sum + kernel.seconds, 0)
      const row = (name: string, calls: string, time: number) => [
        breakable(stage),
        name,
        calls,
        seconds(time),
        bar(time / whole),
        percent(time, whole),
      ]
      return [
        ...shown.map(kernel => row(kernel.kernel, formatCount(kernel.calls), kernel.seconds)),
        ...(other > 0 ? [row('other kernels', '', other)] : []),
        row('outside the kernels', '', Math.max(0, outside)),
      ]
    })
  if (rows.length === 0) return html`<p>No stage took long enough to say.</p>`
  return scrolling(
    'Where the time goes',
    table({
      caption:
        'Seconds in each kernel as the stage waits for it, all threads together; stages that were reused are left out.',
      columns: [
        { title: 'Stage' },
        { title: 'Kernel' },
        ...numeric('Calls', 'Seconds'),
        { title: html`<span class="hidden">Share of the stage as a bar</span>`, wide: true },
        ...numeric('Share'),
      ],
      rows,
    }),
  )
}
