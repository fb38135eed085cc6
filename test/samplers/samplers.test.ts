import { expect, it } from 'vitest'
import { samplers } from '../../src/samplers/index.ts'
import { decoratorContract, type Expectations, samplerContract } from '../contracts/sampler.ts'

/** What a sampler does not do, and why; one that is not named here does everything. */
const expectations: Record<string, Expectations> = {
  popularity: { changes: { exponent: 2 } },
  srns: {
    options: { candidateNegatives: 3, freshCandidates: 4 },
    changes: { memoryTemperature: 0.01, falseFactor: 0 },
    skip: [{ test: 'what came before does not matter', reason: 'remembers candidates from batch to batch' }],
    later: {
      deviationWeight: 'there is no deviation before the second epoch',
      deviationWarmup: 'there is no deviation before the second epoch',
    },
  },
  dens: { changes: { gateWarmup: 1 }, later: { gateWeight: 'changes what the gates learn' } },
  gdns: { later: { gapWeight: 'there is no gain before the second epoch' } },
  mcns: { skip: [{ test: 'what came before does not matter', reason: 'goes on where its chains were' }] },
  // the hardest of ten is the same of many draws
  recns: { options: { candidateNegatives: 3 } },
  ans: { later: { factorWeight: 'changes what the gates learn' } },
}

for (const sampler of samplers.parts) {
  samplerContract(sampler, expectations)
  if (sampler.kind === 'decorator') decoratorContract(sampler)
}

it('the registry helps with a name', () => {
  expect(() => samplers.get('mixgfc')).toThrow(
    `unknown sampler "mixgfc": known are ${samplers.names.join(', ')}; did you mean "mixgcf"?`,
  )
})
