/** Features side by side, as a linear model takes them. */
import type { DataSizes } from '../dataset/dataset.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import type { CandidateBlock, Column, Feature, FeatureContext, FeatureDefinition, FeatureState } from './feature.ts'

/** Features that are ready, in a scope of kernel memory. */
export interface FeatureSet {
  /** of the columns of the table, F of them: `co-interaction largest`, `√ co-interaction largest` */
  readonly names: readonly string[]
  /** what a large value means, along `names` */
  readonly meanings: readonly string[]
  /** [R · C × F]; `within`: amounts are shares of the largest in the row, as rankings need them */
  tabulate(block: CandidateBlock, within: 'row' | 'all'): Float32Array
}

export interface LearnedFeatures {
  readonly states: readonly { readonly definition: FeatureDefinition; readonly state: FeatureState }[]
  /** features that say nothing here, with the reason */
  readonly unavailable: readonly { readonly name: string; readonly reason: string }[]
}

/** What features keep of the train data. */
export function learnFeatures(definitions: readonly FeatureDefinition[], context: FeatureContext): LearnedFeatures {
  const unavailable: { name: string; reason: string }[] = []
  const states: { definition: FeatureDefinition; state: FeatureState }[] = []
  for (const definition of definitions) {
    const reason = definition.unavailable?.(context)
    if (reason === undefined) states.push({ definition, state: definition.learn(context) })
    else unavailable.push({ name: definition.name, reason })
  }
  return { states, unavailable }
}

/** The most kernel memory that features take while they are learned one after the other, an estimate in bytes. */
export function featureBytes(
  definitions: readonly Pick<FeatureDefinition, 'footprint'>[],
  sizes: DataSizes,
  dimensions: number,
): number {
  let [kept, most] = [0, 0]
  for (const { footprint } of definitions) {
    const own = footprint?.(sizes, dimensions) ?? { kept: 0 }
    kept += own.kept
    most = Math.max(most, kept + (own.learning ?? 0))
  }
  return most
}

/** Good for the scope of kernel memory in which it is opened. */
export function openFeatures({ states }: Pick<LearnedFeatures, 'states'>, kernels: Kernels, items: number): FeatureSet {
  const opened: { name: string; feature: Feature }[] = states.map(({ definition, state }) => ({
    name: definition.name,
    feature: definition.open(kernels, name => state.tensors[name].values, state.ordered, items),
  }))
  const raw = opened.flatMap(({ name, feature }) => feature.columns.map(column => ({ ...column, of: name })))
  const expand = (text: (column: Column & { of: string }) => string, root: string) =>
    raw.flatMap(column => (column.kind === 'amount' ? [text(column), `${root}${text(column)}`] : [text(column)]))
  return {
    names: expand(({ of, name }) => `${of} ${name}`, '√ '),
    meanings: expand(({ meaning }) => meaning, ''),
    tabulate(block, within) {
      const values = new Float32Array(block.items.length * raw.length)
      let first = 0
      for (const { feature } of opened) {
        feature.fill(block, { values, stride: raw.length, first })
        first += feature.columns.length
      }
      return withRoots(raw, values, within === 'row' ? block.k : 0)
    },
  }
}

/** Amounts, as shares of the largest of each `scaled` places when that is not 0, each followed by its root; values as they are. */
function withRoots(columns: readonly Column[], values: Float32Array, scaled: number): Float32Array {
  const amounts = columns.map(({ kind }) => kind === 'amount')
  const stride = columns.length
  const width = stride + amounts.filter(Boolean).length
  const places = values.length / stride
  const out = new Float32Array(places * width)
  const largest = new Float32Array(stride)
  for (let place = 0; place < places; place++) {
    if (scaled > 0 && place % scaled === 0) {
      largest.fill(0)
      for (let at = place * stride; at < (place + scaled) * stride; at++)
        if (values[at] > largest[at % stride]) largest[at % stride] = values[at]
    }
    for (let c = 0, to = place * width; c < stride; c++) {
      const value = values[place * stride + c]
      if (!amounts[c]) {
        out[to++] = value
        continue
      }
      const amount = scaled === 0 ? value : largest[c] > 0 ? value / largest[c] : 0
      out[to++] = amount
      out[to++] = Math.sqrt(amount)
    }
  }
  return out
}
