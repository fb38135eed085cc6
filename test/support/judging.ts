/** A data set, candidates and codes that judges can be tried on. */
import type { Dataset } from '../../src/dataset/dataset.ts'
import type { Candidates } from '../../src/judges/judge.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import { derive, randomStream } from '../../src/random.ts'
import { packCodes, type ViewCodes } from '../../src/trees/codes.ts'

/** k candidates for every user, drawn from what they have not met; fewer for every third user, none for the last. */
export function randomCandidates({ users, items, byUser }: Dataset, k: number, seed = 1): Candidates {
  const random = randomStream(derive(seed, 'candidates'))
  const table = new Int32Array(users * k).fill(-1)
  for (let user = 0; user < users - 1; user++) {
    const own = new Set(columnsOf(byUser, user))
    const length = user % 3 === 0 ? k - 1 : k
    for (let place = user * k; place < user * k + length; ) {
      const item = random.below(items)
      if (own.has(item)) continue
      own.add(item)
      table[place++] = item
    }
  }
  return { k, items: table, scores: new Float32Array(table.length) }
}

/** Codes of one to five steps below 3 in both views. */
export function randomCodes(items: number, seed = 1): ViewCodes {
  const random = randomStream(derive(seed, 'codes'))
  const draw = () =>
    packCodes(Array.from({ length: items }, () => Array.from({ length: 1 + random.below(5) }, () => random.below(3))))
  return { structural: draw(), semantic: draw() }
}
