import { describe, expect, it } from 'vitest'
import { minimize } from '../../src/statistics/lbfgs.ts'

const settings = { steps: 200, tolerance: 0 }

describe('minimize', () => {
  it('finds the minimum of a quadratic with curvatures from 1 to 10,000 within 1e-6', () => {
    const curvatures = [1, 10, 100, 1000, 10_000]
    const { x, value } = minimize(
      (at, gradient) => {
        curvatures.forEach((own, i) => {
          gradient[i] = own * (at[i] - i)
        })
        return curvatures.reduce((sum, own, i) => sum + (own / 2) * (at[i] - i) ** 2, 0)
      },
      new Float64Array(5).fill(9),
      settings,
    )
    x.forEach((own, i) => {
      expect(Math.abs(own - i)).toBeLessThan(1e-6)
    })
    expect(value).toBeLessThan(1e-10)
  })

  it('finds the minimum (1, 1) of Rosenbrock’s valley, which steepest descent does not reach in 200 steps', () => {
    const { x, steps } = minimize(
      ([a, b], gradient) => {
        gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a)
        gradient[1] = 200 * (b - a * a)
        return (1 - a) ** 2 + 100 * (b - a * a) ** 2
      },
      Float64Array.of(-1.2, 1),
      settings,
    )
    expect(Math.hypot(x[0] - 1, x[1] - 1)).toBeLessThan(1e-6)
    expect(steps).toBeLessThan(80)
  })

  it('ends at its limits: steps, a tolerance, a gradient of zeros', () => {
    const square = (at: Float64Array, gradient: Float64Array) => {
      gradient.set([2 * (at[0] - 3), 200 * (at[1] - 1)])
      return (at[0] - 3) ** 2 + 100 * (at[1] - 1) ** 2
    }
    expect(minimize(square, new Float64Array(2), { ...settings, steps: 1 }).steps).toBe(1)
    expect(minimize(square, new Float64Array(2), { ...settings, tolerance: 1e9 }).steps).toBe(1)
    expect(minimize(square, Float64Array.of(3, 1), settings)).toEqual({ x: Float64Array.of(3, 1), value: 0, steps: 0 })
  })
})
