/** Isotonic regression: the never falling step function that is nearest to the cases. */
import { ascending } from '../../places.ts'

/** Through the points (x, y), x ascending, y never falling; straight between them, flat beyond the ends. */
export interface Steps {
  readonly x: readonly number[]
  readonly y: readonly number[]
}

interface Block {
  /** first and last x of the block */
  readonly from: number
  to: number
  sum: number
  cases: number
}

/**
 * Pool adjacent violators. Cases of equal score are one point.
 * @param scores any numbers
 * @param truth 1 or 0, along `scores`
 * @source Ayer et al., Annals of Mathematical Statistics 26 (1955); for confidences Zadrozny & Elkan, KDD 2002
 */
export function fitIsotonic(scores: ArrayLike<number>, truth: ArrayLike<number>): Steps {
  const blocks: Block[] = []
  for (const at of ascending(scores.length).sort((a, b) => scores[a] - scores[b])) {
    const last = blocks.at(-1)
    if (last?.to === scores[at]) {
      last.sum += truth[at]
      last.cases++
      continue
    }
    pool(blocks)
    blocks.push({ from: scores[at], to: scores[at], sum: truth[at], cases: 1 })
  }
  pool(blocks)
  const ends = blocks.flatMap(({ from, to, sum, cases }) =>
    (from === to ? [from] : [from, to]).map(x => ({ x, y: sum / cases })),
  )
  return { x: ends.map(({ x }) => x), y: ends.map(({ y }) => y) }
}

/** Joins the last blocks as long as their means fall. */
function pool(blocks: Block[]): void {
  for (;;) {
    const [before, last] = [blocks.at(-2), blocks.at(-1)]
    if (!before || !last || before.sum * last.cases < last.sum * before.cases) return
    before.to = last.to
    before.sum += last.sum
    before.cases += last.cases
    blocks.pop()
  }
}

export function stepAt({ x, y }: Steps, score: number): number {
  const next = x.findIndex(end => end >= score)
  if (next < 0) return y[y.length - 1]
  if (next === 0 || x[next] === score) return y[next]
  const part = (score - x[next - 1]) / (x[next] - x[next - 1])
  return y[next - 1] + part * (y[next] - y[next - 1])
}
