import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rebalance } from '../../src/trees/balance.ts'

/** Points and centroids on a line. */
function balanced(
  points: number[],
  centroids: number[],
  labels: number[],
  balance: 'nearest' | 'released',
  maxShare: number,
) {
  const clusters = { labels: Int32Array.from(labels), centroids: Float64Array.from(centroids) }
  rebalance(clusters, Float64Array.from(points), 1, balance, maxShare)
  return [...clusters.labels]
}

describe('nearest', () => {
  it('gives the farthest points to the nearest cluster with room', () => {
    // 8 points, 2 clusters, room for 1.25 · 8 / 2 = 5: the two farthest of cluster 0 (points 3 and 9) go
    const labels = balanced([0, 1, 1, 9, 0, 3, 2, 20], [1, 20], [0, 0, 0, 0, 0, 0, 0, 1], 'nearest', 1.25)
    expect(labels).toEqual([0, 0, 0, 1, 0, 1, 0, 1])
  })

  it('passes over a nearer cluster that is full', () => {
    // room for 3: cluster 1 takes one of the two that leave, cluster 2 the other
    const labels = balanced([0, 1, 2, 3, 4, 10, 10, 50], [0, 10, 50], [0, 0, 0, 0, 0, 1, 1, 2], 'nearest', 1.2)
    expect(labels).toEqual([0, 0, 0, 2, 1, 1, 1, 2])
  })
})

describe('released', () => {
  it('gives the tail of the list to the cluster that is smallest then', () => {
    // room for 4: points 4 to 6 leave, first to cluster 2 (empty), then to 1 and 2 in turn, the first of equals
    const labels = balanced([0, 9, 0, 9, 0, 0, 0, 1], [0, 1, 2], [0, 0, 0, 0, 0, 0, 0, 1], 'released', 1.5)
    expect(labels).toEqual([0, 0, 0, 0, 2, 1, 2, 1])
  })
})

it('leaves clusters within their share alone', () => {
  const labels = [0, 0, 0, 1, 1, 2]
  for (const balance of ['nearest', 'released'] as const)
    expect(balanced([5, 0, 3, 9, 1, 2], [0, 1, 2], labels, balance, 1.5)).toEqual(labels)
})

it('no cluster is left with more than its share, whatever it began with', () => {
  const cases = fc.record({
    labels: fc.array(fc.nat(4), { minLength: 5, maxLength: 60 }),
    maxShare: fc.double({ min: 1, max: 3, noNaN: true }),
    balance: fc.constantFrom('nearest' as const, 'released' as const),
  })
  fc.assert(
    fc.property(cases, ({ labels, maxShare, balance }) => {
      const points = labels.map((_, point) => (point * 7) % 11)
      const after = balanced(points, [0, 2, 4, 6, 8], labels, balance, maxShare)
      const room = Math.max(Math.floor((maxShare * labels.length) / 5), Math.ceil(labels.length / 5))
      for (let cluster = 0; cluster < 5; cluster++)
        expect(after.filter(label => label === cluster).length).toBeLessThanOrEqual(room)
    }),
  )
})
