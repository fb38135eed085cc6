/** Keeps the children of a node from growing too unequal, so that depths stay near log_k(items). */
import type { Floats } from '../kernels/interface/kernels.ts'
import type { Clusters } from './kmeans.ts'

/**
 * Moves points of clusters that hold more than maxShare · n / k to others, changing `labels`.
 * - nearest: its farthest points go, the farthest first, each to the nearest cluster with room
 * - released: the tail of its list goes, point by point, to the cluster that is smallest then
 *   (what the code released with arXiv 2602.18249 does, as far as its trees show)
 * @param points [n × D] that the clusters are of
 */
export function rebalance(
  { labels, centroids }: Omit<Clusters, 'inertia'>,
  points: Floats,
  dimensions: number,
  balance: 'nearest' | 'released',
  maxShare: number,
): void {
  const k = centroids.length / dimensions
  const room = Math.max(Math.floor((maxShare * labels.length) / k), Math.ceil(labels.length / k))
  const members = groupsOf(labels, k)
  const sizes = members.map(group => group.length)
  const distance = (point: number, cluster: number) => squaredDistance(points, point, centroids, cluster, dimensions)
  const nearestWithRoom = (point: number) => {
    const distances = sizes.map((size, cluster) => (size < room ? distance(point, cluster) : Number.POSITIVE_INFINITY))
    return indexOfLeast(distances)
  }
  for (let cluster = 0; cluster < k; cluster++) {
    // those that came from other clusters stay
    const surplus = sizes[cluster] - room
    if (surplus <= 0) continue
    const leaving =
      balance === 'nearest'
        ? farthestFirst(members[cluster], point => distance(point, cluster)).slice(0, surplus)
        : members[cluster].slice(-surplus)
    for (const point of leaving) {
      const target = balance === 'nearest' ? nearestWithRoom(point) : indexOfLeast(sizes)
      labels[point] = target
      sizes[cluster]--
      sizes[target]++
    }
  }
}

/** The points of each of k groups, ascending. */
export function groupsOf(labels: Int32Array, k: number): number[][] {
  const groups: number[][] = Array.from({ length: k }, () => [])
  labels.forEach((label, point) => {
    groups[label].push(point)
  })
  return groups
}

/** The position of the least value, the first of equals. */
export function indexOfLeast(values: readonly number[]): number {
  return values.reduce((best, value, position) => (value < values[best] ? position : best), 0)
}

function farthestFirst(points: readonly number[], distance: (point: number) => number): number[] {
  const ranked = points.map(point => ({ point, distance: distance(point) }))
  return ranked.sort((a, b) => b.distance - a.distance || a.point - b.point).map(({ point }) => point)
}

function squaredDistance(
  points: Floats,
  point: number,
  centroids: Floats,
  cluster: number,
  dimensions: number,
): number {
  let sum = 0
  for (let d = 0; d < dimensions; d++) {
    const difference = points[point * dimensions + d] - centroids[cluster * dimensions + d]
    sum += difference * difference
  }
  return sum
}
