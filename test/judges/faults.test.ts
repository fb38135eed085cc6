import { it } from 'vitest'
import { scriptedRound } from '../../bench/faults/judge-script.ts'
import { budget } from '../support/budget.ts'

const ROUNDS = budget(3, 40)

it(`${ROUNDS * 150} faults of servers: nothing is lost, nothing asked again after its answer, and every verdict is right or invalid`, async () => {
  for (let round = 0; round < ROUNDS; round++) await scriptedRound(7, round, 150)
})
