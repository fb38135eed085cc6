import { expect } from 'vitest'
import type { Objective } from '../../src/statistics/lbfgs.ts'

/** The gradient at a point is that of central differences, to so many digits. */
export function expectGradient(objective: Objective, at: Float64Array, digits: number): void {
  const gradient = new Float64Array(at.length)
  objective(at, gradient)
  at.forEach((_, f) => {
    const moved = (by: number) =>
      objective(
        at.map((own, i) => (i === f ? own + by : own)),
        new Float64Array(at.length),
      )
    expect(gradient[f]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, digits)
  })
}
