/** What judges know of planted false negatives: with their codes, with codes that say nothing, and by confidence. */
import type { AuditReport } from '../../judge-audit/audit.ts'
import type { Calibration } from '../../judge-audit/calibration.ts'
import { decimal, formatCount, percent } from '../../numbers.ts'
import type { ReportAudits } from '../gather/data.ts'
import { type Content, type Html, html } from '../page/html.ts'
import { createPlotter, figure, linePlot, type Plotter, swatch } from '../page/plot.ts'
import { breakable, numeric, scrolling, table } from '../page/table.ts'

const thousandths = (...values: number[]) => values.map(value => decimal(value, 3))

export async function auditsSection(audits: ReportAudits | undefined): Promise<Content> {
  if (!audits || audits.reports.length === 0) return undefined
  const { reports, calibration } = audits
  const [first] = reports
  return html`<h3>Audit on planted false negatives</h3>
<p>${formatCount(first.planted)} interactions of ${formatCount(first.users)} users were hidden from train, and mixed with ${formatCount(first.unobserved)} items that are not known to be liked. Base model and trees were made again from what was left, so the judge cannot know. An AUC of 0.5 is guessing. A judge that goes by the codes must lose what it knows when the codes are shuffled, random or constant, and must keep it when only the branches’ numbers change (relabelled).</p>
${scrolling('Audit', auditTable(reports))}
${await reliabilitySection(reports)}
${calibration && calibrationTable(calibration)}`
}

/** A judge with its codes, then with each control, one judge after the other. */
function auditTable(reports: readonly AuditReport[]): Html {
  return table({
    caption:
      'ROC-AUC and average precision of the confidences, with 95 % bootstrap intervals over users; precision and recall by the judge’s own labels.',
    columns: [
      { title: 'Judge' },
      { title: 'Codes' },
      ...numeric('AUC', 'From', 'To', 'Average precision', 'Called positive', 'Precision', 'Recall'),
    ],
    rows: reports.flatMap(report => {
      const { auc, interval, averagePrecision, decisions, controls } = report
      const { truePositives, falsePositives, trueNegatives, falseNegatives, precision, recall } = decisions
      const called = truePositives + falsePositives
      const name = breakable(report.provenance.judge)
      return [
        [
          name,
          html`<strong>own</strong>`,
          ...thousandths(auc, interval.low, interval.high, averagePrecision),
          percent(called, called + trueNegatives + falseNegatives),
          ...thousandths(precision, recall),
        ],
        ...controls.map(control => [
          name,
          control.codes,
          ...thousandths(control.auc, control.interval.low, control.interval.high, control.averagePrecision),
          percent(control.positives),
          '',
          '',
        ]),
      ]
    }),
  })
}

async function reliabilitySection(reports: readonly AuditReport[]): Promise<Html> {
  const plotter = await createPlotter()
  return html`<div class="figures">${figure(
    'Reliability',
    drawReliability(plotter, reports),
    'Of the cases that a judge gives some confidence, the share that had been hidden. A judge whose confidences are shares is on the diagonal; about half of the cases are hidden.',
  )}
<div>${table({
    caption: 'ECE: expected calibration error. Brier: mean squared distance from the truth. Both are 0 at best.',
    columns: [{ title: 'Judge' }, ...numeric('ECE', 'Brier', 'Unreadable')],
    rows: reports.map(({ provenance, reliability, invalid }, index) => [
      html`<span class="key">${swatch(index)}${breakable(provenance.judge)}</span>`,
      ...thousandths(reliability.expectedError, reliability.brier),
      formatCount(invalid),
    ]),
  })}</div></div>
<details><summary>Reliability by confidence</summary>${scrolling('Reliability', binsTable(reports))}</details>`
}

function drawReliability(plotter: Plotter, reports: readonly AuditReport[]): Html | undefined {
  const lines = reports.map(({ reliability }) => ({
    dots: true,
    points: filledBins(reliability).map(({ confidence, share }) => ({ x: confidence, y: share })),
  }))
  const diagonal = { points: [0, 1].map(value => ({ x: value, y: value })) }
  return linePlot(plotter, {
    label: 'Reliability of the confidences; the table below has its figures',
    lines: [...lines, diagonal],
    x: { domain: [0, 1], label: 'confidence', ticks: 5 },
    y: { domain: [0, 1] },
  })
}

/** JSON has no NaN: the mean of an empty bin is null or NaN. */
const filledBins = ({ bins }: AuditReport['reliability']) => bins.filter(({ cases }) => cases > 0)

function binsTable(reports: readonly AuditReport[]): Html {
  return table({
    caption: 'Cases by the confidence that they were given.',
    columns: [{ title: 'Judge' }, ...numeric('Cases', 'Mean confidence', 'Hidden')],
    rows: reports.flatMap(({ provenance, reliability }) =>
      filledBins(reliability).map(({ cases, confidence, share }) => [
        breakable(provenance.judge),
        formatCount(cases),
        decimal(confidence, 3),
        percent(share),
      ]),
    ),
  })
}

function calibrationTable({ cases, errors }: Calibration): Html {
  return html`<h3>Calibration</h3>${table({
    caption: `Errors over ${formatCount(cases)} cases. The curves were fitted on one half of the users and measured on the other.`,
    columns: [{ title: 'Confidences' }, ...numeric('ECE', 'Brier')],
    rows: Object.entries(errors).map(([name, { expectedError, brier }]) => [
      name === 'judge' ? 'as the judge gives them' : `${name} curve`,
      ...thousandths(expectedError, brier),
    ]),
  })}`
}
