/** How long a judge will take, said before it starts: from the tokens of some users and the speed of the first prompt. */
import { roughCount } from '../../numbers.ts'
import type { LocalModel } from './engine.ts'
import type { Inquiry } from './questions.ts'

/** Users whose tokens are counted. */
const SAMPLE = 20
/** Tokens of an answer for each candidate. */
const PER_VERDICT = 12

/** "16.1 M tokens at 1340 tokens/s: about 3.3 h" */
export async function forecast(model: LocalModel, { users, ask }: Inquiry): Promise<string> {
  if (users.length === 0) return 'nobody to ask about'
  const step = Math.max(1, Math.floor(users.length / SAMPLE))
  const sampled = Array.from(
    users.filter((_, index) => index % step === 0),
    ask,
  )
  const tokens = (newTokens(sampled.flat()) / sampled.length) * users.length

  const [[first]] = sampled
  const start = performance.now()
  await model.choose(first.tokens, '', 'positive', 'negative')
  const speed = first.tokens.length / ((performance.now() - start) / 1000)
  return `${roughCount(tokens)} tokens at ${Math.round(speed)} tokens/s: about ${roughly(tokens / speed)}`
}

/** Tokens that are read, some other prompt having been read before: what a prompt shares with that is not read again. */
function newTokens(questions: ReturnType<Inquiry['ask']>): number {
  let before: readonly number[] = questions[questions.length - 1].tokens
  let count = 0
  for (const { tokens, places } of questions) {
    const own = tokens.findIndex((token, at) => token !== before[at])
    count += (own < 0 ? 0 : tokens.length - own) + PER_VERDICT * places.length
    before = tokens
  }
  return count
}

/** Two digits are all that a forecast knows. */
function roughly(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
