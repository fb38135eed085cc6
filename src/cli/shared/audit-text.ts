/** What an audit of judges says in a terminal. */
import type { AuditReport, ControlReport } from '../../judge-audit/audit.ts'
import type { GroupRate } from '../../judge-audit/rates.ts'
import type { Repetition } from '../../judge-audit/recheck.ts'
import type { Provenance } from '../../judges/judge.ts'
import { decimal, duration, percent } from '../../numbers.ts'
import { kebab } from '../../options.ts'
import { formatColumns, wrapText } from './table.ts'

const range = ({ low, high }: { low: number; high: number }) => `${decimal(low)} to ${decimal(high)}`

export function formatAudit(report: AuditReport, files: { verdicts: string; picture: string }): string {
  const { provenance, users, planted, unobserved, popularity, invalid, decisions, reliability, withPrefix } = report
  const { precision, recall, f1, falsePositiveRate } = decisions
  const lines = [
    `${provenance.judge}: ${planted} hidden and ${unobserved} unobserved items of ${users} users (mean popularity ${popularity.planted.toFixed(1)} and ${popularity.unobserved.toFixed(1)}), ${invalid} without a valid verdict`,
    '',
    formatControls(report),
    '',
    verdictOf(report),
    '',
    `By its own rule: precision ${decimal(precision)}, recall ${decimal(recall)}, F1 ${decimal(f1)}; of the unobserved ${percent(falsePositiveRate)} called positive.`,
    `With the rule "prefix": ${percent(withPrefix.agreement)} the same, κ ${decimal(withPrefix.kappa)}.`,
    `Confidence: ECE ${decimal(reliability.expectedError)}, Brier ${decimal(reliability.brier)}.`,
    ...formatRecheck(report),
    '',
    formatReliability(report),
    '',
    ...formatRates(report),
    `Verdicts:     ${files.verdicts}`,
    `Reliability:  ${files.picture}`,
  ]
  return wrapText(lines.join('\n'))
}

/** The judge's codes first, then the controls. */
function formatControls({ auc, interval, averagePrecision, decisions, controls, model }: AuditReport): string {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = decisions
  const called = truePositives + falsePositives
  const positives = called / (called + trueNegatives + falseNegatives)
  const own = { codes: 'its own', auc, interval, averagePrecision, positives }
  const rows: Pick<ControlReport, 'codes' | 'auc' | 'interval'>[] = [
    own,
    ...controls,
    { ...model, codes: '(model score)' },
  ]
  return formatColumns<(typeof rows)[number] & Partial<ControlReport>>(rows, [
    ['codes', ({ codes }) => codes],
    ['ROC-AUC', ({ auc }) => decimal(auc)],
    ['95 % bootstrap CI', ({ interval }) => range(interval)],
    ['PR-AUC', ({ averagePrecision: precision }) => (precision === undefined ? '' : decimal(precision))],
    ['positive', ({ positives }) => (positives === undefined ? '' : percent(positives))],
    ['same label', ({ agreement }) => (agreement === undefined ? '' : percent(agreement))],
    ['difference', ({ lead }) => (lead ? decimal(lead.value) : '')],
    ['95 % bootstrap CI', ({ lead }) => (lead ? range(lead.interval) : '')],
  ])
}

/** Against codes that say nothing; whatever is left there is not the codes' doing. */
function verdictOf({ auc, interval, controls }: AuditReport): string {
  const shuffled = controls.find(({ codes }) => codes === 'shuffled')
  const chance =
    interval.low > 0.5 ? 'above chance' : interval.high < 0.5 ? 'below chance' : 'not distinguishable from chance'
  const first = `ROC-AUC ${decimal(auc)} is ${chance} (0.5).`
  if (!shuffled?.lead) return first
  const { value, interval: lead } = shuffled.lead
  if (lead.low > 0) return `${first} It uses the codes: ${decimal(value)} more than shuffled ones.`
  return `${first} No evidence that it uses the codes: ${decimal(value)} against shuffled ones, ${range(lead)}.`
}

function formatRecheck({ recheck }: AuditReport): string[] {
  if (!recheck) return []
  const { users, again, reordered, modes } = recheck
  const same = ({ same, cases, distance }: Repetition) =>
    `${percent(same)} of ${cases} the same, confidence ${decimal(distance)} apart`
  const lines = [`Asked again about ${users} users: ${same(again)}; in another order: ${same(reordered)}.`]
  if (modes) {
    const aucs = Object.entries(modes.auc).map(([mode, auc]) => `${decimal(auc)} in mode ${mode}`)
    lines.push(`In the other mode: ${same(modes.agreement)}; ROC-AUC ${aucs.join(', ')}.`)
  }
  return lines
}

function formatReliability({ reliability }: AuditReport): string {
  const filled = reliability.bins.filter(bin => bin.cases > 0)
  return formatColumns(filled, [
    ['confidence', ({ from, to }) => `${from.toFixed(2)} to ${to.toFixed(2)}`],
    ['cases', ({ cases }) => cases],
    ['mean', ({ confidence }) => decimal(confidence)],
    ['hidden', ({ share }) => decimal(share)],
  ])
}

const CIRCUMSTANCES = {
  prefix: 'shared prefix',
  popularity: 'popularity',
  history: 'history length',
  score: 'model score',
  position: 'quarter of list',
} satisfies Record<keyof AuditReport['rates'], string>

/** Counts as they are, scores to two decimals. */
const short = (value: number) => String(Number(value.toFixed(2)))

function formatRates({ rates }: AuditReport): string[] {
  return Object.entries(CIRCUMSTANCES).flatMap(([key, title]) => {
    const table = formatColumns<GroupRate>(rates[key as keyof typeof rates], [
      [title, ({ from, to }) => (from === to ? short(from) : `${short(from)} to ${short(to)}`)],
      ['hidden', ({ planted }) => planted],
      ['positive', ({ plantedRate }) => percent(plantedRate)],
      ['unobserved', ({ unobserved }) => unobserved],
      ['positive', ({ unobservedRate }) => percent(unobservedRate)],
      ['ROC-AUC', ({ auc }) => decimal(auc)],
    ])
    return [table, '']
  })
}

/** Judges by name; those of one name with the options in which they differ. */
function namesOf(judges: readonly Provenance[]): string[] {
  return judges.map(({ judge, options }) => {
    const same = judges.filter(other => other.judge === judge)
    const differing = Object.keys(options).filter(key => {
      const values = same.map(other => JSON.stringify(other.options[key]))
      return new Set(values).size > 1
    })
    return [judge, ...differing.map(key => `${kebab(key)}=${options[key]}`)].join(' ')
  })
}

/** A row a judge. */
export function formatBench(judges: readonly { report: AuditReport; seconds: number }[]): string {
  const names = namesOf(judges.map(({ report }) => report.provenance))
  const rows = judges.map(({ report, seconds }, at) => ({ ...report, seconds, name: names[at] }))
  return formatColumns(rows, [
    ['judge', ({ name }) => name],
    ['ROC-AUC', ({ auc }) => decimal(auc)],
    ['95 % bootstrap CI', ({ interval }) => range(interval)],
    ['above shuffled', ({ controls }) => decimal(controls.find(({ codes }) => codes === 'shuffled')?.lead?.value)],
    ['PR-AUC', ({ averagePrecision }) => decimal(averagePrecision)],
    ['precision', ({ decisions }) => decimal(decisions.precision)],
    ['recall', ({ decisions }) => decimal(decisions.recall)],
    ['F1', ({ decisions }) => decimal(decisions.f1)],
    ['ECE', ({ reliability }) => decimal(reliability.expectedError)],
    ['κ with prefix', ({ withPrefix }) => decimal(withPrefix.kappa)],
    ['invalid', ({ invalid }) => invalid],
    ['time', ({ seconds }) => duration(seconds)],
  ])
}
