import { filledRows } from '../dataset/patterns.ts'
import { formatCount } from '../numbers.ts'
import { describeChance, hypergeometricLowerTail } from './chance.ts'
import { type Check, skipped, withoutPairs } from './check.ts'

/** Rarer than this is no accident. */
const RARE = -6

/**
 * Who was asked about. Users without test data are as good to learn from as the others, so a choice that leaves just
 * them out has looked at test. Without a candidates file, the users of the judged pairs stand for it.
 */
export const candidateUsers: Check = {
  name: 'candidate-users',
  summary: 'Who has candidates does not say who has test data.',
  run({ parts: { train, test, enhanced, candidates } }) {
    const asked = candidates?.pairs ?? (enhanced && withoutPairs(enhanced.pairs, train.pairs))
    if (!asked) return skipped('needs --candidates or --enhanced')
    const trained = filledRows(train.pairs)
    const tested = new Set(filledRows(test.pairs))
    const users = filledRows(asked)
    const population = trained.length
    const untested = trained.filter(user => !tested.has(user)).length
    const outside = users.filter(user => !tested.has(user)).length
    const figures = { users: users.length, trainUsers: population, testUsers: tested.size, withoutTest: outside }
    if (users.length === 0) return skipped('no user has candidates')
    if (users.length >= population || untested === 0)
      return {
        verdict: 'ok',
        text: `${formatCount(users.length)} users have candidates, every one that could`,
        figures,
      }
    const chance = hypergeometricLowerTail(outside, population, untested, users.length)
    const expected = (users.length * untested) / population
    const of = candidates ? 'with candidates' : 'with judged pairs'
    const found = `of ${formatCount(users.length)} users ${of}, ${formatCount(outside)} have no test data, where ${formatCount(Math.round(expected))} are expected (${describeChance(chance)})`
    const leaks = chance < RARE && outside < expected / 10
    const exactly = outside === 0 && users.length === tested.size ? 'they are exactly the test users: ' : ''
    return {
      verdict: leaks ? 'leak' : 'ok',
      text: leaks ? `${exactly}${found}` : found,
      figures: { ...figures, expected, log10p: chance },
    }
  },
}
