/** What a model knows of its items and users apart from how it ranks: ids, titles, attributes, popularity, histories. */
import type { Histories } from '../../dataset/histories.ts'
import type { Floats } from '../../kernels/interface/kernels.ts'
import type { Tensor } from '../../models/safetensors.ts'
import type { ModelContent } from '../model/model-folder.ts'
import { type Attribute, openAttributes } from './attributes.ts'
import { type Column, type IdColumn, idColumn, type Tensors, textColumn } from './texts.ts'

export interface Catalogue {
  readonly items: IdColumn
  readonly users: IdColumn
  /** in the catalogue, but with nothing to place them by */
  readonly notRecommendable: IdColumn
  readonly titles: Column<string> | undefined
  readonly attributes: readonly Attribute[]
  /** path of an item in each tree */
  readonly codes: Readonly<Record<string, Column<string>>>
  /** [I] users of each item */
  readonly popularity: Floats
  /** [I] */
  readonly tieRank: Int32Array
  /** of the known users */
  readonly histories: Histories
}

export const views = ['structural', 'semantic'] as const

/** @throws DataError where the model lacks something */
export function openCatalogue({ tensors, made }: Pick<ModelContent, 'tensors' | 'made'>): Catalogue {
  const of = <T extends Tensor['values']>(name: string) => tensors[name]?.values as T
  const [ages, days] = ['ages', 'days'].map(name => tensors[`histories.${name}`]?.values as Float32Array | undefined)
  const optional = (name: string) => (tensors[`${name}.text`] ? textColumn(tensors, name) : undefined)
  const codes = views.map(view => ({ view, paths: optional(`codes.${view}`) }))
  return {
    items: withCold(tensors, made.items - made.coldItems),
    users: idColumn(tensors, 'users'),
    notRecommendable: idColumn(tensors, 'not_recommendable'),
    titles: optional('titles'),
    attributes: openAttributes(tensors, made.attributes),
    codes: Object.fromEntries(codes.flatMap(({ view, paths }) => (paths ? [[view, paths]] : []))),
    popularity: of('popularity'),
    tieRank: of('tie_ranks'),
    histories: {
      offsets: of('histories.offsets'),
      indices: of('histories.items'),
      ...(ages && { ages }),
      ...(days && { days }),
    },
  }
}

/** Items with interactions come first, then those without; either block ascends. */
function withCold(tensors: Tensors, warmItems: number): IdColumn {
  const warm = idColumn(tensors, 'items')
  const cold = idColumn(tensors, 'cold_items')
  return {
    length: warm.length + cold.length,
    at: index => (index < warmItems ? warm.at(index) : cold.at(index - warmItems)),
    indexOf(id) {
      const found = warm.indexOf(id)
      if (found >= 0) return found
      const other = cold.indexOf(id)
      return other < 0 ? -1 : warmItems + other
    },
  }
}
