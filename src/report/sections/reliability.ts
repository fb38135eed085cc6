/** The reliability of a judge's confidences as a picture: what was said against what was so. */
import { join } from 'node:path'
import { writeAtomic } from '../../files.ts'
import type { AuditReport } from '../../judge-audit/audit.ts'
import { decimal, formatCount, percent } from '../../numbers.ts'
import { type Html, html } from '../page/html.ts'

/** In user units. */
const SIDE = 300
const MARGIN = 56
const TICKS = [0, 0.25, 0.5, 0.75, 1]
/** Radius of the dot of a bin that holds every case. */
const LARGEST = 16

/**
 * Writes `<audit's folder>.svg` into the run directory.
 * @returns its path
 */
export async function writeReliability(directory: string, stage: string, report: AuditReport): Promise<string> {
  const path = join(directory, `${stage}.svg`)
  await writeAtomic(path, `${reliabilityPicture(report)}\n`)
  return path
}

/** A dot a bin, as large as its share of the cases; a judge whose confidences are worth what they say is on the line. */
export function reliabilityPicture({ provenance, reliability }: AuditReport): Html {
  const bins = reliability.bins.filter(({ cases }) => cases > 0)
  const all = bins.reduce((sum, { cases }) => sum + cases, 0)
  const size = SIDE + 2 * MARGIN
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}" role="img" font-family="system-ui, sans-serif" font-size="12">
<title>${provenance.judge}: share of hidden interactions by confidence, ECE ${decimal(reliability.expectedError)}</title>
<rect width="${size}" height="${size}" fill="#fff"/>
${TICKS.map(
  tick => html`<path d="M${x(tick)} ${y(0)}V${y(1)}M${x(0)} ${y(tick)}H${x(1)}" stroke="#ddd"/>
<text x="${x(tick)}" y="${y(0) + 18}" text-anchor="middle">${tick}</text><text x="${x(0) - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>
`,
)}<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" stroke="#888" stroke-dasharray="5 4"/>
<polyline points="${bins.map(({ confidence, share }) => `${x(confidence)},${y(share)}`).join(' ')}" fill="none" stroke="#2563a8" stroke-width="2"/>
${bins.map(
  ({ cases, confidence, share }) =>
    html`<circle cx="${x(confidence)}" cy="${y(share)}" r="${(3 + (LARGEST - 3) * Math.sqrt(cases / all)).toFixed(1)}" fill="#2563a8" fill-opacity="0.6"><title>confidence ${decimal(confidence, 2)}: ${percent(share)} of ${formatCount(cases)} cases hidden</title></circle>
`,
)}<text x="${size / 2}" y="${size - 12}" text-anchor="middle">confidence</text>
<text x="16" y="${size / 2}" text-anchor="middle" transform="rotate(-90 16 ${size / 2})">share that was hidden</text>
<text x="${size / 2}" y="28" text-anchor="middle" font-size="14">${provenance.judge}, ECE ${decimal(reliability.expectedError)}</text>
</svg>`
}

const x = (value: number) => Number((MARGIN + SIDE * value).toFixed(1))
const y = (value: number) => Number((MARGIN + SIDE * (1 - value)).toFixed(1))
