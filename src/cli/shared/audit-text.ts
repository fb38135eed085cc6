/** What an audit of judges says in a terminal. */
import type { AuditReport } from '../../judge-audit/audit.ts'
import type { GroupRate } from '../../judge-audit/rates.ts'
import type { Repetition } from '../../judge-audit/recheck.ts'
import type { Provenance } from '../../judges/judge.ts'
import { decimal, duration, percent } from '../../numbers.ts'
import { kebab } from '../../options.ts'
import { formatTable, wrapText } from './table.ts'

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
  const own = [
    'its own',
    decimal(auc),
    range(interval),
    decimal(averagePrecision),
    percent(called / (called + trueNegatives + falseNegatives)),
    '',
    '',
    '',
  ]
  const rows = controls.map(({ codes, auc, interval, averagePrecision, positives, agreement, lead }) => [
    codes,
    decimal(auc),
    range(interval),
    decimal(averagePrecision),
    percent(positives),
    percent(agreement),
    decimal(lead!.value),
    range(lead!.interval),
  ])
  const header = [
    'codes',
    'ROC-AUC',
    '95 % bootstrap CI',
    'PR-AUC',
    'positive',
    'same label',
    'difference',
    '95 % bootstrap CI',
  ]
  const lead = model.lead!
  const base = [
    '(model score)',
    decimal(model.auc),
    range(model.interval),
    '',
    '',
    '',
    decimal(lead.value),
    range(lead.interval),
  ]
  return formatTable(header, [own, ...rows, base])
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
  const rows = reliability.bins
    .filter(bin => bin.cases > 0)
    .map(({ from, to, cases, confidence, share }) => [
      `${from.toFixed(2)} to ${to.toFixed(2)}`,
      String(cases),
      decimal(confidence),
      decimal(share),
    ])
  return formatTable(['confidence', 'cases', 'mean', 'hidden'], rows)
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
    const rows = rates[key as keyof typeof rates].map((group: GroupRate) => [
      group.from === group.to ? short(group.from) : `${short(group.from)} to ${short(group.to)}`,
      String(group.planted),
      percent(group.plantedRate),
      String(group.unobserved),
      percent(group.unobservedRate),
      decimal(group.auc),
    ])
    return [formatTable([title, 'hidden', 'positive', 'unobserved', 'positive', 'ROC-AUC'], rows), '']
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
  const header = [
    'judge',
    'ROC-AUC',
    '95 % bootstrap CI',
    'above shuffled',
    'PR-AUC',
    'precision',
    'recall',
    'F1',
    'ECE',
    'κ with prefix',
    'invalid',
    'time',
  ]
  const names = namesOf(judges.map(({ report }) => report.provenance))
  const rows = judges.map(({ report, seconds }, index) => {
    const { auc, interval, averagePrecision, decisions, reliability, withPrefix, invalid, controls } = report
    const shuffled = controls.find(({ codes }) => codes === 'shuffled')
    return [
      names[index],
      decimal(auc),
      range(interval),
      decimal(shuffled?.lead?.value ?? Number.NaN),
      decimal(averagePrecision),
      decimal(decisions.precision),
      decimal(decisions.recall),
      decimal(decisions.f1),
      decimal(reliability.expectedError),
      decimal(withPrefix.kappa),
      String(invalid),
      duration(seconds),
    ]
  })
  return formatTable(header, rows)
}
