import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { derive, randomStream } from '../../src/random.ts'
import { codeOf, formatCode } from '../../src/trees/codes.ts'
import { type TreeOptions, treeOptions } from '../../src/trees/options.ts'
import { buildTree, type ItemTree, type TreeNode, type TreeRequest } from '../../src/trees/tree.ts'

const kernels = createKernels()

function request(vectors: readonly number[], dimensions: number, options: Partial<TreeOptions> = {}): TreeRequest {
  const items = dimensions ? vectors.length / dimensions : 0
  return { vectors, items, dimensions, kernels, options: treeOptions.parse(options), seed: 1, name: 'test' }
}

function randomVectors(items: number, dimensions: number): number[] {
  const random = randomStream(derive(3, 'vectors'))
  return Array.from({ length: items * dimensions }, () => random.uniform())
}

function nodeAt(root: TreeNode, code: Int8Array): TreeNode {
  return code.reduce((node, child) => node.children![child], root)
}

const nodesOf = (node: TreeNode): TreeNode[] => [node, ...(node.children ?? []).flatMap(nodesOf)]

/** Every item in one leaf, every leaf within its size, every count the sum of its children's. */
function checkTree({ codes, root, shape }: ItemTree, items: number, leafSize: number): void {
  const inLeaf = new Map<TreeNode, number>()
  for (let item = 0; item < items; item++) {
    const leaf = nodeAt(root, codeOf(codes, item))
    expect(leaf.children).toBeUndefined()
    inLeaf.set(leaf, (inLeaf.get(leaf) ?? 0) + 1)
  }
  const nodes = nodesOf(root)
  for (const node of nodes) {
    if (node.children) {
      expect(node.items).toBeGreaterThan(leafSize)
      expect(node.children.length).toBeGreaterThan(1)
      expect(node.children.reduce((sum, child) => sum + child.items, 0)).toBe(node.items)
    } else {
      expect(node.items).toBeLessThanOrEqual(leafSize)
      expect(inLeaf.get(node) ?? 0).toBe(node.items)
    }
  }
  expect(root.items).toBe(items)
  expect(shape.leaves).toBe(nodes.filter(node => !node.children).length)
}

it('partitions exactly, whatever the vectors and the options', async () => {
  const cases = fc.record({
    // few values, so that many vectors coincide
    vectors: fc.array(fc.tuple(fc.nat(2), fc.nat(1)), { maxLength: 60 }),
    branches: fc.integer({ min: 2, max: 9 }),
    leafSize: fc.integer({ min: 1, max: 7 }),
    maxShare: fc.double({ min: 1, max: 9, noNaN: true }),
    balance: fc.constantFrom('nearest' as const, 'released' as const, 'none' as const),
    orphanEvery: fc.integer({ min: 1, max: 5 }),
    orphans: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ vectors, orphans, orphanEvery, ...options }) => {
      const items = vectors.map((_, item) => item)
      const alone = Int32Array.from(orphans ? items.filter(item => item % orphanEvery === 0) : [])
      const tree = await buildTree({ ...request(vectors.flat(), 2, { restarts: 2, ...options }), orphans: alone })
      checkTree(tree, vectors.length, options.leafSize)
      expect(tree.shape.orphans).toBe(alone.length)
    }),
    { numRuns: 60 },
  )
})

describe('degenerate input', () => {
  it('a root that is a leaf: empty codes', async () => {
    const tree = await buildTree(request(randomVectors(30, 2), 2))
    expect(tree.codes.depth).toBe(0)
    expect(tree.root).toEqual({ items: 30 })
    expect(tree.shape).toMatchObject({
      leaves: 1,
      depthMin: 0,
      depthMax: 0,
      depthMean: 0,
      leafMax: 30,
      topBranches: [],
    })
  })

  it.each(['nearest', 'released', 'none'] as const)(
    'identical vectors, balance %s: no child takes all',
    async balance => {
      const tree = await buildTree(request(new Array(200).fill(1), 1, { balance }))
      checkTree(tree, 200, 30)
      expect(Math.max(...tree.shape.topBranches)).toBeLessThanOrEqual(80)
    },
  )

  it('fewer items than branches: an item a child', async () => {
    const tree = await buildTree(request([0, 5, 9], 1, { branches: 8, leafSize: 1 }))
    expect(tree.shape.topBranches).toEqual([1, 1, 1])
  })

  it('no items', async () => {
    const { shape, codes } = await buildTree(request([], 0))
    expect(codes.values).toHaveLength(0)
    expect(shape).toMatchObject({ items: 0, leaves: 1, depthMean: 0 })
  })

  it('orphans alone: spread evenly', async () => {
    const orphans = Int32Array.from({ length: 40 }, (_, item) => item)
    const tree = await buildTree({ ...request(new Array(40).fill(0), 1), orphans })
    expect(tree.shape).toMatchObject({ topBranches: [10, 10, 10, 10], orphans: 40 })
  })

  it('a vector that is not finite is named', async () => {
    await expect(buildTree(request([1, 2, Number.NaN, 4], 2))).rejects.toThrow(
      "test tree: component 0 of item 1's vector is NaN; its model did not train well",
    )
  })
})

it('an orphan joins the branch with the fewest items', async () => {
  // three heaps of 20, 15 and 10, and one item that nothing is known of
  const heaps = [...new Array(20).fill(0), ...new Array(15).fill(50), ...new Array(10).fill(100), 0]
  const options = { branches: 3, balance: 'none' as const }
  const tree = await buildTree({ ...request(heaps, 1, options), orphans: Int32Array.of(45) })
  expect([...tree.shape.topBranches].sort()).toEqual([11, 15, 20])
  expect(codeOf(tree.codes, 45)).toEqual(codeOf(tree.codes, 40))
})

it('its shape, by hand: heaps far apart become leaves', async () => {
  const heaps = [0, 1, 2, 3].flatMap(heap => Array.from({ length: 10 + heap }, (_, i) => heap * 100 + i / 10))
  const { shape, codes } = await buildTree(request(heaps, 1, { leafSize: 20 }))
  expect([...shape.topBranches].sort()).toEqual([10, 11, 12, 13])
  const { topBranches: _, ...rest } = shape
  const depths = { depthMin: 1, depthMean: 1, depthMax: 1 }
  expect(rest).toEqual({ items: 46, leaves: 4, leafMin: 10, leafMean: 11.5, leafMax: 13, orphans: 0, ...depths })
  expect(new Set(Array.from({ length: 10 }, (_, item) => formatCode(codeOf(codes, item)))).size).toBe(1)
})

it('a child holds at most maxShare of an equal share', async () => {
  // most points in one heap, which k-means would leave whole
  const vectors = Array.from({ length: 400 }, (_, item) => (item < 380 ? item / 1e5 : item))
  for (const balance of ['nearest', 'released'] as const) {
    const { shape } = await buildTree(request(vectors, 1, { balance }))
    expect(Math.max(...shape.topBranches)).toBe(160)
  }
  const { shape } = await buildTree(request(vectors, 1, { balance: 'none' }))
  expect(Math.max(...shape.topBranches)).toBeGreaterThan(300)
})

it('every option does something', async () => {
  const vectors = randomVectors(300, 3)
  const build = async (options: Partial<TreeOptions>) => (await buildTree(request(vectors, 3, options))).codes
  const usual = await build({})
  const { eigenvectors: _, ...shape } = treeOptions.shape // tested with the structural view
  const changes = {
    branches: 5,
    leafSize: 10,
    maxShare: 1.05,
    balance: 'released',
    restarts: 1,
    iterations: 1,
  } as const
  expect(Object.keys(changes).sort()).toEqual(Object.keys(shape).sort())
  for (const [name, value] of Object.entries(changes)) {
    // the balance matters where there is something to move
    const around = name === 'balance' ? { maxShare: 1.05 } : {}
    expect(await build({ ...around, [name]: value }), name).not.toEqual(
      name === 'balance' ? await build(around) : usual,
    )
  }
})

it('the same seed gives the same codes, another seed or name others', async () => {
  const usual = request(randomVectors(300, 3), 3, { restarts: 1 })
  const codes = async (changes: Partial<TreeRequest>) => (await buildTree({ ...usual, ...changes })).codes
  expect(await codes({})).toEqual(await codes({ kernels: createKernels() }))
  expect(await codes({ seed: 2 })).not.toEqual(await codes({}))
  expect(await codes({ name: 'other' })).not.toEqual(await codes({}))
})

it('the reference kernels build the same tree where nothing is close', async () => {
  const heaps = Array.from({ length: 120 }, (_, item) => (item % 8) * 100 + (item % 3))
  const usual = request(heaps, 1, { leafSize: 20 })
  const { codes } = await buildTree({ ...usual, kernels: createReferenceKernels('f32') })
  expect(codes).toEqual((await buildTree(usual)).codes)
})

it('reports items as they are placed, and stops when aborted', async () => {
  const placed: number[] = []
  const usual = request(randomVectors(200, 2), 2)
  await buildTree({ ...usual, progress: done => placed.push(done) })
  expect(placed).toEqual([...placed].sort((a, b) => a - b))
  expect(placed.at(-1)).toBe(200)
  const controller = new AbortController()
  const stopping = buildTree({
    ...usual,
    signal: controller.signal,
    progress: () => controller.abort(new Error('enough')),
  })
  await expect(stopping).rejects.toThrow('enough')
})
