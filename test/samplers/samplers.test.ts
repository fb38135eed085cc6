import { expect, it } from 'vitest'
import { samplers } from '../../src/samplers/index.ts'
import { decoratorContract, type Expectations, samplerContract } from '../contracts/sampler.ts'

/** What a sampler does not do, and why; one that is not named here does everything. */
const expectations: Record<string, Expectations> = {
  popularity: { changes: { exponent: 2 } },
}

for (const sampler of samplers.parts) {
  samplerContract(sampler, expectations[sampler.name])
  if (sampler.kind === 'decorator') decoratorContract(sampler)
}

it('the registry helps with a name', () => {
  expect(() => samplers.get('mixgfc')).toThrow(
    `unknown sampler "mixgfc": known are ${samplers.names.join(', ')}; did you mean "mixgcf"?`,
  )
})
