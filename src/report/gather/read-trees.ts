/** Both trees of a run, with the items that people know in them, and whether their codes mean something. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset } from '../../dataset/dataset.ts'
import { createKernels } from '../../kernels/wasm/wasm.ts'
import { readCodeTable, type TreeDescription } from '../../run/stages/trees.ts'
import { codeAgreement } from '../../trees/agreement.ts'
import { VIEWS, type ViewCodes } from '../../trees/codes.ts'
import type { ReportData } from './data.ts'
import { withPopularItems } from './popular.ts'

/** @param directory the run's */
export async function readTrees(
  directory: string,
  train: Dataset,
  labelOf: (item: number) => string,
): Promise<Required<Pick<ReportData, 'trees' | 'agreement'>> & { codes: ViewCodes }> {
  const folder = join(directory, 'trees')
  const description: TreeDescription = JSON.parse(await readFile(join(folder, 'trees.json'), 'utf8'))
  const codes = await readCodeTable(join(folder, 'codes.parquet'))
  const agreements = codeAgreement(
    train,
    VIEWS.map(view => codes[view]),
    createKernels(),
  )
  return {
    codes,
    trees: VIEWS.map(view => {
      const { shape, root } = description[view]
      return { view, ...shape, root: withPopularItems(root, codes[view], train, labelOf) }
    }),
    agreement: agreements.map((agreement, index) => ({ view: VIEWS[index], ...agreement })),
  }
}
