import { z } from 'zod'
import { defineFormat } from './format.ts'
import { readLists, sniffLists } from './lists.ts'

export const sequences = defineFormat({
  name: 'sequences',
  summary: 'A user and all items per line, in the order of time.',
  source: 'the data of sequential recommenders such as S3-Rec, arXiv 2008.07873',
  options: z.object({}),
  detect(sniff, beside) {
    const lists = sniffLists(sniff, beside)
    if (lists?.order !== 'unordered') return
    return `${lists.reason} and the items of a line do not ascend, so they stand in the order of time (if the order says nothing, set --format adjacency)`
  },
  read: request => readLists(request, true),
})
