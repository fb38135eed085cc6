import { expect, it } from 'vitest'
import { judges } from '../../src/judges/index.ts'
import { type Expectations, judgeContract } from '../contracts/judge.ts'

const expectations: Record<string, Expectations> = {
  prefix: { changes: { minPrefix: 4, views: 'semantic', flips: 0.3 } },
  'accept-all': { changes: {} },
  random: { changes: { rate: 0.9 } },
}

for (const judge of judges.parts) judgeContract(judge, expectations[judge.name])

it('the registry helps with a name', () => {
  expect(() => judges.get('acceptall')).toThrow(
    'unknown judge "acceptall": known are prefix, accept-all, random; did you mean "accept-all"?',
  )
})
