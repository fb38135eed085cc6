import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { normalizedAdjacency } from '../../src/models/graph.ts'

// user 0 has both items, user 1 the first; item 2 has nobody
const train = createDataset(
  { users: [0, 0, 1], items: [0, 1, 0] },
  createVocabulary([0, 1]),
  createVocabulary([0, 1, 2]),
)
const kernels = createReferenceKernels('f64')
const itemEdges = {
  offsets: Int32Array.of(0, 2, 3, 4),
  indices: Int32Array.of(1, 2, 0, 0),
  values: Float32Array.of(0.5, 0.25, 0.5, 0.25),
}

function rowsOf(...given: Parameters<typeof normalizedAdjacency>) {
  const { offsets, indices, values } = normalizedAdjacency(...given)
  return Array.from({ length: offsets.length - 1 }, (_, row) =>
    Array.from({ length: offsets[row + 1] - offsets[row] }, (_, at) => [
      indices[offsets[row] + at],
      values[offsets[row] + at],
    ]),
  )
}
const near = (value: number) => expect.closeTo(value, 6)

describe('the graph of interactions', () => {
  it('has both directions of every edge over the roots of the degrees', () => {
    const [half, root] = [near(1 / 2), near(1 / Math.SQRT2)]
    const expected = [
      [
        [2, half],
        [3, root],
      ],
      [[2, root]],
      [
        [0, half],
        [1, root],
      ],
      [[0, root]],
      [],
    ]
    expect(rowsOf(train, kernels)).toEqual(expected)
  })

  it('with self-loops counts them in the degrees, ascending, and a node without edges keeps itself whole', () => {
    const [third, sixth, half] = [near(1 / 3), near(1 / Math.sqrt(6)), near(1 / 2)]
    const expected = [
      [
        [0, third],
        [2, third],
        [3, sixth],
      ],
      [
        [1, half],
        [2, sixth],
      ],
      [
        [0, third],
        [1, sixth],
        [2, third],
      ],
      [
        [0, sixth],
        [3, half],
      ],
      [[4, near(1)]],
    ]
    expect(rowsOf(train, kernels, undefined, { selfLoops: true })).toEqual(expected)
  })

  it('puts the self-loop of an item among its edges to other items, ascending', () => {
    const rows = rowsOf(train, kernels, undefined, { selfLoops: true, itemEdges })
    expect(rows[2].map(([node]) => node)).toEqual([0, 1, 2, 3, 4])
    expect(rows[3]).toEqual([
      [0, near(1 / Math.sqrt(6))],
      [2, 0.5],
      [3, near(1 / 2)],
    ])
    expect(rows[4]).toEqual([
      [2, 0.25],
      [4, near(1)],
    ])
  })
})
