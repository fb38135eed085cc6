/** A minimum of a smooth function, from its values and gradients alone. */

/** @returns f(x); overwrites `gradient` */
export type Objective = (x: Float64Array, gradient: Float64Array) => number

export interface Minimum {
  readonly x: Float64Array
  readonly value: number
  readonly steps: number
}

export interface MinimizeOptions {
  readonly steps: number
  /** ends when a step lowers the value by no more than this share of it */
  readonly tolerance: number
}

/** Pairs of differences that stand for the curvature. */
const PAIRS = 8
/** Share of the decrease that the slope promises, which a step must keep (Armijo). */
const DECREASE = 1e-4
const HALVINGS = 30

/**
 * L-BFGS with a backtracking line search. Plain f64 in a fixed order: the same bits everywhere.
 * @source Liu & Nocedal: "On the limited memory BFGS method for large scale optimization", Mathematical Programming 45 (1989)
 */
export function minimize(objective: Objective, start: Float64Array, { steps, tolerance }: MinimizeOptions): Minimum {
  const size = start.length
  let [x, gradient] = [start.slice(), new Float64Array(size)]
  let value = objective(x, gradient)
  const pairs: { move: Float64Array; change: Float64Array; curvature: number }[] = []
  for (let step = 0; step < steps; step++) {
    const direction = descend(gradient, pairs)
    const slope = dot(direction, gradient)
    if (!(slope < 0)) return { x, value, steps: step }
    const next = { x: new Float64Array(size), gradient: new Float64Array(size), value: Number.NaN }
    let length = pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(gradient, gradient)))
    for (let halving = 0; ; halving++, length /= 2) {
      for (let i = 0; i < size; i++) next.x[i] = x[i] + length * direction[i]
      next.value = objective(next.x, next.gradient)
      if (next.value <= value + DECREASE * length * slope) break
      if (halving === HALVINGS) return { x, value, steps: step }
    }
    const move = next.x.map((own, i) => own - x[i])
    const change = next.gradient.map((own, i) => own - gradient[i])
    const curvature = dot(move, change)
    if (curvature > 1e-12 * dot(change, change)) pairs.push({ move, change, curvature })
    if (pairs.length > PAIRS) pairs.shift()
    const gained = value - next.value
    ;({ x, gradient, value } = next)
    if (gained <= tolerance * Math.abs(value)) return { x, value, steps: step + 1 }
  }
  return { x, value, steps }
}

/** −H · gradient, H the inverse Hessian as the pairs have it (the two-loop recursion). */
function descend(
  gradient: Float64Array,
  pairs: readonly { move: Float64Array; change: Float64Array; curvature: number }[],
) {
  const direction = gradient.map(own => -own)
  const factors = pairs.map(() => 0)
  for (let p = pairs.length - 1; p >= 0; p--) {
    const { move, change, curvature } = pairs[p]
    factors[p] = dot(move, direction) / curvature
    add(direction, -factors[p], change)
  }
  const newest = pairs.at(-1)
  if (newest) {
    const scale = newest.curvature / dot(newest.change, newest.change)
    for (let i = 0; i < direction.length; i++) direction[i] *= scale
  }
  pairs.forEach(({ move, change, curvature }, p) => {
    add(direction, factors[p] - dot(change, direction) / curvature, move)
  })
  return direction
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

function add(to: Float64Array, factor: number, from: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * from[i]
}
