/** What a branch of a tree stands for, for people: the items in it that most users have met. */
import { degreesOf } from '../../dataset/csr.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Codes } from '../../kernels/interface/kernels.ts'
import { codeOf } from '../../trees/codes.ts'
import type { TreeNode } from '../../trees/tree.ts'
import type { PopularItem, ReportNode } from './data.ts'

const SHOWN = 5

interface Growing {
  readonly items: number
  readonly popular: PopularItem[]
  readonly children?: readonly Growing[]
}

/** The tree with the `SHOWN` most popular items of each node; of equally popular ones, the first in internal order. */
export function withPopularItems(
  root: TreeNode,
  codes: Codes,
  { byItem }: Dataset,
  labelOf: (item: number) => string,
): ReportNode {
  const grown = copy(root)
  const degrees = degreesOf(byItem)
  const ordered = [...degrees.keys()].sort((a, b) => degrees[b] - degrees[a])
  for (const item of ordered) {
    const entry = { item: labelOf(item), interactions: degrees[item] }
    let node: Growing | undefined = grown
    for (const step of [...codeOf(codes, item), -1]) {
      if (node && node.popular.length < SHOWN) node.popular.push(entry)
      node = node?.children?.[step]
    }
  }
  return grown
}

function copy({ items, children }: TreeNode): Growing {
  return { items, popular: [], ...(children && { children: children.map(copy) }) }
}
