/** A method by a short name, as tables and comparisons of methods speak of it. */
import { UsageError } from '../../errors.ts'
import { baselines } from '../../models/baselines/index.ts'
import { models } from '../../models/index.ts'
import { didYouMean } from '../../nearest.ts'
import { objectives } from '../../objectives/index.ts'
import { isFinal } from '../../run/method-names.ts'
import { headlineRows, type MetricsRow } from '../../run/metrics-file.ts'
import { presets } from '../../run/options/presets/index.ts'
import type { RunTarget } from '../../run/request.ts'
import { samplers } from '../../samplers/index.ts'

export interface Method {
  /** as typed */
  readonly name: string
  /** what makes a run one of this method */
  readonly options: Readonly<Record<string, unknown>>
  /** how far a run must go */
  readonly until: RunTarget
  /** whether a row of the run's table is of it; see `rowsOfMethod` */
  isRow(row: string): boolean
}

/**
 * A baseline ("ease"), a preset ("recommended": its row of DTL-NS, fused where it fuses), "dtl-ns" itself, or a base
 * model with its objective and negatives ("mf:bpr", "lightgcn:bpr:mixgcf"; what is left out is the default).
 * @throws UsageError for names that there are not
 */
export function parseMethod(name: string): Method {
  const [first, objective, sampler, ...more] = name.split(':')
  if (more.length > 0)
    throw new UsageError(`method "${name}": expected at most model:objective:sampler, such as lightgcn:bpr:mixgcf`)
  if (objective === undefined) {
    if (first === 'dtl-ns') return final(name, {})
    if (presets.names.includes(first)) return final(name, { preset: first })
    if (baselines.names.includes(first))
      return { name, options: { baselines: [first] }, until: 'baselines', isRow: row => row === first }
  }
  checkKnown(first)
  if (baselines.names.includes(first))
    throw new UsageError(`method "${name}": "${first}" is a baseline and has no objective`)
  if (objective !== undefined) objectives.get(objective)
  if (sampler !== undefined && samplers.get(sampler).usesCodes)
    throw new UsageError(
      `method "${name}": "${sampler}" needs the trees; a base model has none, use a preset or "dtl-ns"`,
    )
  return {
    name,
    options: {
      baselines: [],
      model: first,
      // nothing is trained with these: so no option is taken for theirs
      sampler: 'uniform',
      ...(objective !== undefined && { objective }),
      ...(sampler !== undefined && { baseSampler: sampler }),
    },
    until: 'base',
    isRow: row => row.startsWith(`${first}+`),
  }
}

/**
 * The method's strict rows, one per seed; of DTL-NS alone and fused the fused one, which comes last. Without DTL-NS, and not
 * ranked again, the last that is trained.
 */
export function rowsOfMethod(rows: readonly MetricsRow[], { isRow }: Pick<Method, 'isRow'>): MetricsRow[] {
  const strict = headlineRows(rows).filter(row => row.protocol === 'strict')
  const known = strict.filter(row => isRow(row.method))
  const own = known.length > 0 ? known : strict.filter(row => row.training !== undefined)
  return own.filter(row => row.method === own[own.length - 1].method)
}

function final(name: string, options: Record<string, unknown>): Method {
  return { name, options: { baselines: [], ...options }, until: 'evaluate', isRow: isFinal }
}

function checkKnown(name: string): void {
  const known = [...models.names, ...baselines.names, ...presets.names, 'dtl-ns']
  if (!known.includes(name))
    throw new UsageError(`unknown method "${name}": known are ${known.join(', ')}${didYouMean(name, known)}`)
}
