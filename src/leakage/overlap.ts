import { formatCount } from '../numbers.ts'
import { type Check, countShared } from './check.ts'

/** A pair that is learned and held out is answered by memory. */
export const overlap: Check = {
  name: 'overlap',
  summary: 'No pair is in two of train, valid and test.',
  run({ parts: { train, valid, test } }) {
    const shared: [string, number][] = [
      ['train and test', countShared(train.pairs, test.pairs)],
      ...(valid
        ? ([
            ['train and valid', countShared(train.pairs, valid.pairs)],
            ['valid and test', countShared(valid.pairs, test.pairs)],
          ] as [string, number][])
        : []),
    ]
    const found = shared.filter(([, count]) => count > 0)
    const figures = Object.fromEntries(shared)
    if (found.length === 0)
      return { verdict: 'ok', text: `no pair is in two of train${valid ? ', valid' : ''} and test`, figures }
    const listed = found.map(([where, count]) => `${formatCount(count)} in ${where}`)
    return { verdict: 'leak', text: `the same pairs stand in two parts: ${listed.join(', ')}`, figures }
  },
}
