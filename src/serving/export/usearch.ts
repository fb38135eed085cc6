/** An approximate index of item vectors, and what it finds of the exact ranking. */
import { join } from 'node:path'
import { makeDirectory, writeAtomic } from '../../files.ts'
import { createKernels } from '../../kernels/wasm/wasm.ts'
import { openStored } from '../../models/open-stored.ts'
import { approximate, buildIndex, loadUsearch, MEASURED, measureRecall } from '../model/ann.ts'
import { writeVectors } from './parquet.ts'
import { type ExportTarget, vectorsOf } from './vector-export.ts'

export const usearch: ExportTarget = {
  name: 'usearch',
  summary: 'an HNSW index of the items by inner product, with the tables of --to parquet and its measured recall',
  out: 'directory',
  async write(content, out) {
    const { dimensions, catalogue } = vectorsOf(content)
    const usearch = await loadUsearch('--to usearch')
    await makeDirectory(out)
    const { length } = catalogue.items
    const kernels = createKernels()
    const exact = openStored(content.recommender, kernels, out)
    const index = await buildIndex(usearch, exact.itemVectors!, length)
    const recall = measureRecall(exact, approximate(exact, exact.itemVectors!, index), catalogue, content.made.seed)
    kernels.close()
    index.save(join(out, 'items.usearch'))
    await writeVectors(content, out)
    const facts = {
      ...{ dimensions, metric: 'ip', score: '1 - distance', keys: 'rows of items.parquet, from 0' },
      recall: { of: `the exact best ${MEASURED.k}`, users: MEASURED.users, value: recall },
    }
    await writeAtomic(join(out, 'index.json'), `${JSON.stringify(facts, null, 2)}\n`)
    return `An index of ${length} items: ${out}. It finds ${(100 * recall).toFixed(1)} % of the exact best ${MEASURED.k} of ${MEASURED.users} users; a score is 1 − distance.`
  },
}
