import { describe, expect, it } from 'vitest'
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { derive, randomStream } from '../../src/random.ts'
import { kMeans } from '../../src/trees/kmeans.ts'

/** Points on a plane, filled up to four dimensions. */
function cluster(
  points: readonly (readonly [x: number, y: number])[],
  k: number,
  kernels: Kernels = createKernels(),
  settings = {},
) {
  const table = kernels.memory.floats(points.length * 4)
  points.forEach(([x, y], point) => {
    table.set([x, y], point * 4)
  })
  const defaults = { restarts: 5, iterations: 50, key: derive(1, 'k-means test') }
  return kMeans({ points: table, dimensions: 4, k, kernels, ...defaults, ...settings })
}

const random = randomStream(derive(2, 'points'))
const scattered = Array.from({ length: 200 }, () => [random.uniform(), random.uniform()] as const)

describe.each([
  ['wasm', () => createKernels()],
  ['reference f32', () => createReferenceKernels('f32')],
])('kMeans with %s kernels', (_name, kernels) => {
  it('finds three heaps, their means and their inertia', () => {
    const corners = [
      [0, 0],
      [10, 0],
      [0, 10],
    ] as const
    const points = corners.flatMap(
      ([x, y]) =>
        [
          [x - 1, y],
          [x + 1, y],
          [x, y - 1],
          [x, y + 1],
        ] as const,
    )
    const { labels, centroids, inertia } = cluster(points, 3, kernels())
    corners.forEach(([x, y], corner) => {
      const own = labels.subarray(corner * 4, corner * 4 + 4)
      expect(new Set(own).size).toBe(1)
      expect([...centroids.subarray(own[0] * 4, own[0] * 4 + 4)]).toEqual([x, y, 0, 0])
    })
    expect(new Set(labels).size).toBe(3)
    expect(inertia).toBe(12)
  })

  it('as many clusters as points: each its own, inertia 0', () => {
    const { labels, inertia } = cluster(
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      4,
      kernels(),
    )
    expect([...labels].sort()).toEqual([0, 1, 2, 3])
    expect(inertia).toBe(0)
  })

  it('points that coincide share a cluster', () => {
    const { labels, inertia } = cluster(
      [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      3,
      kernels(),
    )
    expect([...labels]).toEqual([0, 0, 0])
    expect(inertia).toBe(0)
  })
})

it('the same key gives the same bits, another key other seeds', () => {
  const once = { restarts: 1, iterations: 1 }
  expect(cluster(scattered, 4, createKernels(), once)).toEqual(cluster(scattered, 4, createKernels(), once))
  const other = cluster(scattered, 4, createKernels(), { ...once, key: derive(9, 'other') })
  expect(other.labels).not.toEqual(cluster(scattered, 4, createKernels(), once).labels)
})

it('more rounds and more restarts lower the inertia', () => {
  const inertia = (settings: object) => cluster(scattered, 8, createKernels(), settings).inertia
  expect(inertia({ restarts: 1, iterations: 50 })).toBeLessThan(inertia({ restarts: 1, iterations: 1 }))
  expect(inertia({ restarts: 20 })).toBeLessThan(inertia({ restarts: 1 }))
})

it('its seeds are spread: of two far points and a crowd, both are found', () => {
  const crowd = Array.from({ length: 500 }, (_, point) => [point / 1e4, 0] as const)
  const { labels } = cluster([...crowd, [100, 0], [0, 100]], 3, createKernels(), { restarts: 1, iterations: 1 })
  expect(new Set([labels[0], labels[500], labels[501]]).size).toBe(3)
})

it('gives its memory back', () => {
  const kernels = createKernels()
  kernels.memory.scope(() => {
    const points = kernels.memory.floats(40)
    const { bytes } = kernels.memory.usage
    kMeans({ points, dimensions: 4, k: 2, restarts: 2, iterations: 5, kernels, key: derive(1) })
    expect(kernels.memory.usage.bytes).toBe(bytes)
  })
})
