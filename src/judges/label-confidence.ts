/** How sure a language model was of a label, from the probabilities of the token at which it chose it. */
import type { TokenChoice } from '../llm/completion.ts'

/**
 * p(positive) / (p(positive) + p(negative)) at the token that holds the first letter of a label. The token is found by
 * decoded offset, since tokens may begin before the label (`"pos`) or end within it.
 * @param tokens those of `content`, from its first byte on; leading tokens that are not part of it are passed over
 * @param at where the label begins in `content`, in UTF-16 units
 * @returns undefined when the tokens are not those of the content, or no choice begins a label
 */
export function labelConfidence(
  content: string,
  tokens: readonly TokenChoice[],
  at: number,
  { positive, negative }: { positive: string; negative: string },
): number | undefined {
  const target = Buffer.byteLength(content.slice(0, at)) + leadingBytes(content, tokens)
  let start = 0
  const token = tokens.find(({ bytes }) => {
    start += bytes
    return start > target
  })
  if (!token) return undefined
  // what the token says before the label, such as the quotation mark
  const lead = token.text.slice(0, target - (start - token.bytes))
  let [yes, no] = [0, 0]
  for (const { text, logprob } of token.choices) {
    if (!text.startsWith(lead)) continue
    const word = text.slice(lead.length).replace(/".*$/s, '').toLowerCase()
    if (word === '') continue
    if (positive.startsWith(word)) yes += Math.exp(logprob)
    else if (negative.startsWith(word)) no += Math.exp(logprob)
  }
  return yes + no > 0 ? yes / (yes + no) : undefined
}

/** Bytes of tokens before the content, such as a blank that the server trimmed off. */
function leadingBytes(content: string, tokens: readonly TokenChoice[]): number {
  const opening = content.slice(0, 8)
  let bytes = 0
  for (let first = 0; first < tokens.length; first++) {
    let text = ''
    for (let next = first; next < tokens.length && text.length < opening.length; next++) text += tokens[next].text
    const within = text.indexOf(opening)
    if (within >= 0 && within < Math.max(1, tokens[first].text.length)) return bytes + within
    bytes += tokens[first].bytes
  }
  return 0
}
