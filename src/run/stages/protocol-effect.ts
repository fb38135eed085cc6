/** What the released protocol does to the figures, taken apart: the mask alone, and the training set alone. */
import { change, decimal } from '../../numbers.ts'
import { STRICT_MASK } from '../method-names.ts'
import { decidingMetric, type MetricsRow } from '../metrics-file.ts'

/** A row, or its mean over seeds. */
type Row = Pick<MetricsRow, 'method' | 'protocol' | 'variant' | 'metrics' | 'skipped'>

export interface ProtocolEffect {
  readonly metric: string
  /** methods whose model is the same under both protocols: what changes is the mask */
  readonly masks: readonly { readonly method: string; readonly strict: number; readonly released: number }[]
  readonly final: {
    /** trained and measured strictly */
    readonly strict: number
    /** trained and measured as released */
    readonly released: number
    /** trained as released, measured with the strict mask */
    readonly strictMask: number
  }
}

/** @returns undefined without rows of the released protocol */
export function protocolEffect(rows: readonly Row[]): ProtocolEffect | undefined {
  const metric = decidingMetric(rows.find(row => row.skipped === undefined))
  const value = (method: string, protocol: Row['protocol']) =>
    rows.find(row => row.method === method && row.protocol === protocol && row.variant === 'history train')?.metrics[
      metric ?? ''
    ]
  const final = [value('dtl-ns', 'strict'), value('dtl-ns', 'released'), value(STRICT_MASK, 'released')]
  if (metric === undefined || final.some(figure => figure === undefined)) return undefined
  const [strict, released, strictMask] = final as number[]
  const masks = rows
    .filter(row => row.protocol === 'released' && row.method !== 'dtl-ns' && row.method !== STRICT_MASK)
    .flatMap(({ method }) => {
      const [own, other] = [value(method, 'strict'), value(method, 'released')]
      return own === undefined || other === undefined ? [] : [{ method, strict: own, released: other }]
    })
  return { metric, masks, final: { strict, released, strictMask } }
}

/** The effect in sentences. */
export function describeProtocols({ metric, masks, final }: ProtocolEffect): string[] {
  const [name, k] = metric.split('@')
  const label = `${name.toUpperCase()}@${k}`
  const { strict, released, strictMask } = final
  return [
    `The mask alone: ${masks.map(mask => `${mask.method} ${step(mask.strict, mask.released)}`).join(', ')} ${label}, with no change to any model.`,
    `The training set alone: with the judged positives that held-out data let through as training pairs, DTL-NS has ${decimal(strictMask)} under the strict mask; trained strictly it has ${decimal(strict)} (${change(strict, strictMask)} from the second to the first).`,
    `Both together: ${decimal(released)}, of which ${change(strictMask, released)} are the mask’s. Only the strict figure, ${decimal(strict)}, is of a model and a ranking that know nothing of the held-out data.`,
  ]
}

const step = (from: number, to: number) => `${decimal(from)} → ${decimal(to)} (${change(from, to)})`
