/** Fits the model of a run on all data and leaves it where it is served from. */
import { join } from 'node:path'
import { type ItemTable, readItemTable } from '../dataset/items/table.ts'
import type { ItemOptions } from '../dataset/items/texts.ts'
import { checkRequest } from '../requests.ts'
import { FIT_FIELDS, type FitRequest, type Fitted, fitRun } from '../run/fit.ts'
import { joinItems } from './items/item-data.ts'
import { contentOf } from './model/content.ts'
import { writeModelFolder } from './model/model-folder.ts'
import { MODEL } from './model/open-model.ts'

export interface FittedModel extends Pick<Fitted, 'method' | 'metrics' | 'rows'> {
  readonly folder: string
  /** SHA-256 of the folder */
  readonly hash: string
  readonly bytes: number
  readonly users: number
  readonly items: number
  readonly interactions: number
  /** what became of the table of items */
  readonly table?: ItemTable['dropped'] & {
    readonly rows: number
    readonly cold: number
    readonly notRecommendable: number
    /** items of the model that the table does not have */
    readonly missing: number
  }
}

/**
 * The items of `--items` get their titles and attributes, and those without interactions a place.
 * @throws DataError for a table of items that cannot be read; and whatever `fitRun` throws
 */
export async function fitModel(request: FitRequest): Promise<FittedModel> {
  checkRequest('fitModel', FIT_FIELDS, request)
  const { options = {}, directory } = request
  // a table that cannot be read is said before anything is trained
  await tableOf(options as Partial<ItemOptions>)
  const folder = join(directory, MODEL)
  return fitRun(request, async ({ method, plan, data, dataHash, recommender, metrics, rows, codes }) => {
    const table = await tableOf(plan.items)
    const joined = table && joinItems(table, data.itemIds, plan.items.title)
    const source = {
      method,
      recommender,
      data,
      dataHash,
      metrics,
      codes,
      seed: plan.run.seed,
      fittedOn: 'all' as const,
    }
    const written = await writeModelFolder(folder, contentOf({ ...source, ...(joined && { items: joined }) }))
    return {
      ...{ method, metrics, rows, folder, ...written },
      ...{ users: data.users, items: data.items, interactions: data.interactions },
      ...(joined && {
        table: {
          ...{ ...table!.dropped, rows: table!.ids.length, missing: joined.missing },
          ...{ cold: joined.cold.length, notRecommendable: joined.notRecommendable.length },
        },
      }),
    }
  })
}

function tableOf({ items, itemId }: Partial<ItemOptions>): Promise<ItemTable> | undefined {
  return items === undefined ? undefined : readItemTable(items, itemId)
}
