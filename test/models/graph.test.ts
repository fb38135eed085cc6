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

  it('has edges between items as they are, behind those to users, and in no degree', () => {
    const rows = rowsOf(train, kernels, undefined, itemEdges)
    expect(rows.slice(0, 2)).toEqual(rowsOf(train, kernels).slice(0, 2))
    expect(rows.slice(2)).toEqual([
      [
        [0, near(1 / 2)],
        [1, near(1 / Math.SQRT2)],
        [3, 0.5],
        [4, 0.25],
      ],
      [
        [0, near(1 / Math.SQRT2)],
        [2, 0.5],
      ],
      [[2, 0.25]],
    ])
  })
})
