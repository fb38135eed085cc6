/**
 * One index tree over the items: k-means on the vectors of a node's items, the children kept balanced, and on until a
 * node is small enough to be a leaf.
 * @source DTL-NS, arXiv 2602.18249; differs: what a child gives away goes to the nearest child with room
 */
import { setImmediate } from 'node:timers/promises'
import { RunError } from '../errors.ts'
import type { Codes, Kernels } from '../kernels/interface/kernels.ts'
import { derive } from '../random.ts'
import { groupsOf, indexOfLeast, rebalance } from './balance.ts'
import { formatCode, packCodes } from './codes.ts'
import { kMeans } from './kmeans.ts'
import type { TreeOptions } from './options.ts'

export interface ItemTree {
  readonly codes: Codes
  /** how many items each node holds: what a picture of the tree needs; plain JSON */
  readonly root: TreeNode
  readonly shape: TreeShape
}

export interface TreeNode {
  readonly items: number
  /** child n is at position n; absent in a leaf */
  children?: TreeNode[]
}

export interface TreeShape {
  readonly items: number
  readonly leaves: number
  /** lengths of the items' codes */
  readonly depthMin: number
  readonly depthMean: number
  readonly depthMax: number
  /** items in a leaf */
  readonly leafMin: number
  readonly leafMean: number
  readonly leafMax: number
  /** items in each child of the root; empty when the root is a leaf */
  readonly topBranches: readonly number[]
  /** items placed in the least-filled branches, since their vectors say nothing */
  readonly orphans: number
}

export interface TreeRequest {
  /** [I × D] row-major, in ordinary memory */
  readonly vectors: ArrayLike<number>
  /** I */
  readonly items: number
  /** D */
  readonly dimensions: number
  /** items whose vectors say nothing, ascending */
  readonly orphans?: Int32Array
  readonly kernels: Kernels
  readonly options: Omit<TreeOptions, 'eigenvectors'>
  readonly seed: number
  /** of the tree: equal seeds give unrelated random numbers to trees of different names */
  readonly name: string
  readonly signal?: AbortSignal | undefined
  /** after every node: the items that have their leaf */
  readonly progress?: ((placed: number, items: number) => void) | undefined
}

/** A node that is still to be split, or left as a leaf. */
interface OpenNode {
  /** items with vectors that count, ascending */
  readonly items: readonly number[]
  readonly orphans: readonly number[]
  readonly code: readonly number[]
  readonly node: TreeNode
}

/**
 * Every item gets exactly one leaf, and every leaf holds at most `leafSize`, whatever the vectors: items that k-means
 * cannot part are parted in their order. A function of vectors, options and seed alone.
 * @throws RunError when a vector is not finite; whatever `signal` aborts with
 */
export async function buildTree(request: TreeRequest): Promise<ItemTree> {
  const { items, orphans = new Int32Array(), options, signal, progress } = request
  checkFinite(request)
  const isOrphan = new Set(orphans)
  const known = Array.from({ length: items }, (_, item) => item).filter(item => !isOrphan.has(item))
  const root: TreeNode = { items }
  const open: OpenNode[] = [{ items: known, orphans: [...orphans], code: [], node: root }]
  const paths: (readonly number[])[] = new Array(items).fill([])
  const leaves: { items: number; depth: number }[] = []
  let placed = 0
  for (let next = open.pop(); next; next = open.pop()) {
    signal?.throwIfAborted()
    const { code, node } = next
    if (node.items > options.leafSize) {
      const children = split(next, request)
      node.children = children.map(child => child.node)
      open.push(...children)
      await setImmediate()
      continue
    }
    for (const item of [...next.items, ...next.orphans]) paths[item] = code
    leaves.push({ items: node.items, depth: code.length })
    placed += node.items
    progress?.(placed, items)
  }
  const topBranches = root.children?.map(child => child.items) ?? []
  return { codes: packCodes(paths), root, shape: { ...shapeOf(leaves, items), topBranches, orphans: orphans.length } }
}

/** Two children or more, none empty. */
function split(parent: OpenNode, request: TreeRequest): OpenNode[] {
  const { branches } = request.options
  const known = groupsOf(clusterItems(parent, request), branches)
  const orphans: number[][] = known.map(() => [])
  const sizes = known.map(group => group.length)
  for (const orphan of parent.orphans) {
    const branch = indexOfLeast(sizes)
    orphans[branch].push(orphan)
    sizes[branch]++
  }
  const filled = sizes.keys().filter(branch => sizes[branch] > 0)
  return Array.from(filled, (branch, child) => ({
    items: known[branch].map(point => parent.items[point]),
    orphans: orphans[branch],
    code: [...parent.code, child],
    node: { items: sizes[branch] },
  }))
}

/** A branch for each of the node's items; more than one, if there is more than one item. */
function clusterItems({ items, code }: OpenNode, request: TreeRequest): Int32Array {
  const { vectors, dimensions, kernels, options, seed, name } = request
  const { branches, restarts, iterations, balance, maxShare } = options
  const { memory } = kernels
  const k = Math.min(branches, items.length)
  if (k === 0) return new Int32Array()
  return memory.scope(() => {
    // kernels take four floats at a time: zeros fill the rows up
    const width = Math.ceil(dimensions / 4) * 4
    const points = memory.floats(items.length * width)
    items.forEach((item, point) => {
      for (let d = 0; d < dimensions; d++) points[point * width + d] = vectors[item * dimensions + d]
    })
    const key = derive(seed, 'tree', name, formatCode(code))
    const clusters = kMeans({ points, dimensions: width, k, restarts, iterations, kernels, key })
    if (balance !== 'none') rebalance(clusters, points, width, balance, maxShare)
    const { labels } = clusters
    const parted = labels.some(label => label !== labels[0])
    return parted ? labels : labels.map((_, point) => Math.floor((point * k) / labels.length))
  })
}

/** What the leaves of a tree come to. */
export function shapeOf(leaves: readonly { items: number; depth: number }[], items: number) {
  const depths = leaves.map(leaf => leaf.depth)
  const sizes = leaves.map(leaf => leaf.items)
  return {
    items,
    leaves: leaves.length,
    depthMin: least(depths),
    depthMean: items ? leaves.reduce((sum, leaf) => sum + leaf.depth * leaf.items, 0) / items : 0,
    depthMax: greatest(depths),
    leafMin: least(sizes),
    leafMean: items / leaves.length,
    leafMax: greatest(sizes),
  }
}

const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b))
const greatest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b))

function checkFinite({ vectors, items, dimensions, name }: TreeRequest): void {
  for (let item = 0; item < items; item++) {
    for (let d = 0; d < dimensions; d++) {
      const value = vectors[item * dimensions + d]
      if (Number.isFinite(value)) continue
      throw new RunError(
        `${name} tree: component ${d} of item ${item}'s vector is ${value}; its model did not train well`,
      )
    }
  }
}
