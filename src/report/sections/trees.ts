/** The two index trees: their shape in numbers and as a picture. */
import { decimal, formatCount } from '../../numbers.ts'
import type { ReportData, ReportNode, ReportTree } from '../gather/data.ts'
import { type Html, html } from '../page/html.ts'
import { definitions, numeric, scrolling, table } from '../page/table.ts'
import { agreementSection } from './agreement.ts'
import { icicle } from './icicle.ts'

const VIEWS: Record<ReportTree['view'], string> = {
  structural: 'from which users the items share',
  semantic: 'from the item vectors of the base model',
}

export async function treesSection({ trees, agreement = [] }: Pick<ReportData, 'trees' | 'agreement'>): Promise<Html> {
  if (trees.length === 0) return html`<p>No trees were built in this run.</p>`
  return html`<p>Each tree sorts the items into branches within branches. An item’s code is its path from the root, such as <code>2-0-3</code>; items whose codes begin alike are alike in that view.</p>
${trees.map(treeFigure)}
${await agreementSection(agreement)}`
}

function treeFigure(tree: ReportTree): Html {
  const { view, items, leaves, depthMin, depthMean, depthMax, leafMin, leafMean, leafMax, topBranches, orphans } = tree
  const name = view === 'structural' ? 'Structural view' : 'Semantic view'
  const levels = levelsOf(tree.root)
  return html`<figure class="tree">
<h3>${name}, <small>${VIEWS[view]}</small></h3>
${definitions([
  ['Items', formatCount(items)],
  ['Leaves', formatCount(leaves)],
  ['Code length', `${formatCount(depthMin)} to ${formatCount(depthMax)}, mean ${decimal(depthMean, 2)}`],
  ['Items in a leaf', `${formatCount(leafMin)} to ${formatCount(leafMax)}, mean ${decimal(leafMean, 1)}`],
  ['Top branches', topBranches.map(formatCount).join(' / ') || 'none: the root is a leaf'],
  ['Items placed without evidence', formatCount(orphans)],
])}
${icicle(tree.root, `Icicle of the ${view} tree with ${levels.length} levels; the table below has its figures`)}
<p class="branch" hidden>Point at a branch, or go to the picture with Tab and through it with the arrow keys, to see its code and its most popular items.</p>
<figcaption>One row per level, the root on top; a rectangle’s width is its share of the items, and its colour that of its top branch. Where nothing hangs below, a branch is a leaf. Popular items stand with the number of their interactions in train.</figcaption>
<details><summary>The ${view} tree, level by level</summary>${scrolling(
    `Levels of the ${view} tree`,
    table({
      caption: 'Branches of each level, and the items in them.',
      columns: [{ title: 'Level' }, ...numeric('Branches', 'Of them leaves', 'Items', 'Smallest', 'Largest')],
      rows: levels.map((level, depth) => [
        depth === 0 ? '0, the root' : depth,
        formatCount(level.length),
        formatCount(level.filter(isLeaf).length),
        formatCount(level.reduce((sum, node) => sum + node.items, 0)),
        formatCount(level.reduce((least, node) => Math.min(least, node.items), Infinity)),
        formatCount(level.reduce((most, node) => Math.max(most, node.items), 0)),
      ]),
    }),
  )}</details>
</figure>`
}

const isLeaf = (node: ReportNode) => !node.children?.length

/** The nodes at each depth, from the root down. */
function levelsOf(root: ReportNode): ReportNode[][] {
  const levels: ReportNode[][] = []
  for (let level = [root]; level.length > 0; level = level.flatMap(node => node.children ?? [])) levels.push(level)
  return levels
}
