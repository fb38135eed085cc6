import { z } from 'zod'
import { defineFormat } from './format.ts'
import { readLists, sniffLists } from './lists.ts'

export const adjacency = defineFormat({
  name: 'adjacency',
  summary: 'A user and all items per line, in no order.',
  source: 'the data released with LightGCN, arXiv 2002.02126',
  options: z.object({}),
  detect(sniff, beside) {
    const lists = sniffLists(sniff, beside)
    if (lists?.order !== 'ascending') return
    return `${lists.reason} and the items of each ascend, so their order says nothing (if it is the order of time, set --format sequences)`
  },
  read: request => readLists(request, false),
})
