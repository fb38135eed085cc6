/**
 * k-means: Lloyd's rounds from k-means++ seeds, several runs, the one with the least inertia kept.
 * @source Arthur & Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007
 */
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import { type Key, type RandomStream, randomStream } from '../random.ts'

export interface ClusterRequest {
  /** [n × D] in kernel memory, n ≥ 1, D a multiple of 4 */
  readonly points: Floats
  readonly dimensions: number
  /** 1 … n */
  readonly k: number
  readonly restarts: number
  readonly iterations: number
  readonly kernels: Kernels
  readonly key: Key
}

/** In ordinary memory. */
export interface Clusters {
  /** [n] cluster of each point; of points that coincide, some clusters may stay empty */
  readonly labels: Int32Array
  /** [k × D] */
  readonly centroids: Floats
  /** Σ of the squared distances to the own centroid */
  readonly inertia: number
}

/** A round that lowers the inertia by less than this share is the last. */
const TOLERANCE = 1e-4

export function kMeans(request: ClusterRequest): Clusters {
  const random = randomStream(request.key)
  let best = runOnce(request, random)
  for (let restart = 1; restart < request.restarts; restart++) {
    const other = runOnce(request, random)
    if (other.inertia < best.inertia) best = other
  }
  return best
}

function runOnce(request: ClusterRequest, random: RandomStream): Clusters {
  const { points, dimensions, k, iterations, kernels } = request
  const { memory } = kernels
  return memory.scope(() => {
    const count = points.length / dimensions
    const labels = memory.ints(count)
    const distances = memory.floats(count)
    const centroids = memory.floats(k * dimensions)
    seedCentroids(request, centroids, random)
    const assign = () => {
      kernels.assignToCentroids(points, centroids, dimensions, labels, distances)
      return sumOf(distances)
    }
    let inertia = assign()
    for (let round = 1; round < iterations; round++) {
      kernels.moveCentroids(points, labels, dimensions, centroids)
      const before = inertia
      inertia = assign()
      if (inertia >= before * (1 - TOLERANCE)) break
    }
    return { labels: labels.slice(), centroids: centroids.slice(), inertia }
  })
}

/** k-means++: every next seed is a point drawn in proportion to its squared distance to the nearest seed so far. */
function seedCentroids(
  { points, dimensions, k, kernels }: ClusterRequest,
  centroids: Floats,
  random: RandomStream,
): void {
  const { memory } = kernels
  const count = points.length / dimensions
  const nearest = memory.ints(count)
  const distances = memory.floats(count)
  const least = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  let seed = random.below(count)
  for (let c = 0; ; c++) {
    const centroid = centroids.subarray(c * dimensions, (c + 1) * dimensions)
    centroid.set(points.subarray(seed * dimensions, (seed + 1) * dimensions))
    if (c === k - 1) return
    kernels.assignToCentroids(points, centroid, dimensions, nearest, distances)
    for (let point = 0; point < count; point++) least[point] = Math.min(least[point], distances[point])
    seed = drawInProportion(least, random)
  }
}

/** A position, drawn in proportion to its value; any when all are 0. */
function drawInProportion(values: Float64Array, random: RandomStream): number {
  const total = sumOf(values)
  if (total === 0) return random.below(values.length)
  let rest = random.uniform() * total
  let last = 0
  for (let position = 0; position < values.length; position++) {
    if (values[position] === 0) continue
    if (rest < values[position]) return position
    rest -= values[position]
    last = position
  }
  return last
}

function sumOf(values: Floats): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum
}
