/** What `sweep` and `compare-methods` print. */
import { compact, duration } from '../../numbers.ts'
import { flagName } from '../../options.ts'
import type { MethodsResult } from '../../research/sweeps/compare-methods.ts'
import type { SweepResult, Training } from '../../research/sweeps/sweep.ts'
import { formatComparison } from './comparison.ts'
import { formatTable } from './table.ts'

const SHOWN = 10

export function formatSweep({ method, space, settings, trainings, best, ended }: SweepResult): string {
  const { metric } = settings
  const options = Object.keys(space)
  const longest = Math.max(...trainings.map(({ rung }) => rung))
  const ranked = trainings
    .filter(({ failed }) => failed === undefined)
    .sort((a, b) => b.rung - a.rung || b.value - a.value || a.trial - b.trial)
  const failed = trainings.filter(own => own.failed !== undefined)
  const row = (training: Training) => [
    String(training.trial + 1),
    longest > 0 ? `${training.rung + 1} of ${longest + 1}` : 'whole',
    compact(training.value),
    duration(training.seconds),
    ...options.map(option => text(training.options[option])),
  ]
  return [
    formatTable(['trial', 'rung', metric, 'time', ...options], ranked.slice(0, SHOWN).map(row)),
    ...(ranked.length > SHOWN ? [`and ${ranked.length - SHOWN} more trainings`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed; the first: ${failed[0].failed}`] : []),
    '',
    `${method}: ${trainings.length} trainings on validation data, ${ended}; best ${metric} ${compact(best.value)} with`,
    `  ${foundFlags(best.options, options) || 'its defaults'}`,
  ].join('\n')
}

export function formatMethods({ metric, methods, comparison }: MethodsResult): string {
  const rows = methods.map(({ name, validation, trainings, searchSeconds, result, found }) => [
    name,
    String(trainings),
    duration(searchSeconds),
    compact(validation),
    ...['recall@20', 'ndcg@20'].map(
      key => compact(result.metrics[key]) + (result.deviations ? ` ±${compact(result.deviations[key])}` : ''),
    ),
    foundFlags(found, Object.keys(found)),
  ])
  const header = ['method', 'trainings', 'search', `validation ${metric}`, 'test recall@20', 'test ndcg@20', 'found']
  return [formatTable(header, rows), ...(comparison ? ['', formatComparison(comparison)] : [])].join('\n')
}

/** The options as they are typed. */
function foundFlags(values: Readonly<Record<string, unknown>>, options: readonly string[]): string {
  return options
    .filter(option => values[option] !== undefined)
    .map(option => `${flagName(option)} ${values[option]}`)
    .join(' ')
}

const text = (value: unknown) => (value === undefined ? '–' : String(value))
