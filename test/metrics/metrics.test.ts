import { expect, it } from 'vitest'
import { metrics } from '../../src/metrics/index.ts'
import { metricContract } from '../contracts/metric.ts'

const unbounded = { skip: [{ test: 'in [0, 1]', reason: 'is in bits' }] }
for (const metric of metrics.parts) metricContract(metric, metric.name === 'novelty' ? unbounded : {})

it('helps with an unknown one', () => {
  expect(() => metrics.get('recal')).toThrow('did you mean "recall"?')
})
