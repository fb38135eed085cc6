/** Every option that there is, for flags, help texts and docs. */
import { itemOptions } from '../../dataset/items/texts.ts'
import { sourceOptions } from '../../dataset/source.ts'
import { enhanceOptions } from '../../enhance/enhance.ts'
import { judgeAuditOptions } from '../../judge-audit/options.ts'
import { judges } from '../../judges/index.ts'
import { baselineKey } from '../../models/baselines/baseline.ts'
import { baselines } from '../../models/baselines/index.ts'
import { models } from '../../models/index.ts'
import { objectives } from '../../objectives/index.ts'
import { describeOptions, type OptionInfo, type OptionsSchema } from '../../options.ts'
import { describePartOptions, type Part } from '../../registry.ts'
import { samplers } from '../../samplers/index.ts'
import { trainingOptions } from '../../training/options.ts'
import { treeOptions } from '../../trees/options.ts'
import { runOptions } from './run-options.ts'

/** Options of one group of flags; `partsOf` says which parts know an option. */
export interface OptionGroup {
  readonly title: string
  readonly options: readonly (OptionInfo & { readonly parts?: readonly string[] })[]
}

/** Every option there is, in the groups that help texts show. Keys are unique over all groups. */
export function optionGroups(): OptionGroup[] {
  const plain = (title: string, schema: OptionsSchema) => ({ title, options: describeOptions(schema) })
  return [
    plain('Run', runOptions),
    plain('Data', sourceOptions),
    plain('Items', itemOptions),
    plain('Training', trainingOptions),
    partGroup('Model', models.parts),
    partGroup('Sampler', samplers.parts),
    partGroup('Objective', objectives.parts),
    plain('Trees', treeOptions),
    partGroup('Judge', judges.parts),
    plain('Judgements', enhanceOptions),
    plain('Audit', judgeAuditOptions),
    ...baselines.parts.map(part => ({
      title: `Baseline ${part.name}`,
      options: describeOptions(part.options).map(option => ({
        ...option,
        name: baselineKey(part.name, option.name),
        parts: [part.name],
      })),
    })),
  ].filter(group => group.options.length > 0)
}

/** The options of several parts, one row for those that share a name. */
export function partGroup(title: string, parts: readonly Part[]): OptionGroup {
  const rows = new Map<string, OptionInfo & { parts: string[] }>()
  for (const part of parts) {
    for (const option of describePartOptions(part)) {
      const row = rows.get(option.name)
      if (row) row.parts.push(part.name)
      else rows.set(option.name, { ...option, parts: [part.name] })
    }
  }
  return { title, options: [...rows.values()] }
}
