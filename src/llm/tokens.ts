/** How many tokens a text has, without a tokenizer. */

/** What a chat template puts around two messages, at most. */
const TEMPLATE = 40

const PIECES = /[^\W\d_]{1,6}|\d{1,3}|[^\s\w]|_|\n| (?=\d)/gu

/**
 * An estimate: what byte-pair tokenizers of common models make of short words, single digits and hyphens. Within a tenth
 * or so for our prompts.
 */
export function estimateTokens(text: string): number {
  return text.match(PIECES)?.length ?? 0
}

export function estimatePromptTokens({ system, user }: { system: string; user: string }): number {
  return estimateTokens(system) + estimateTokens(user) + TEMPLATE
}

/** No byte-pair tokenizer makes more tokens than there are bytes. */
export function mostPromptTokens({ system, user }: { system: string; user: string }): number {
  return Buffer.byteLength(system) + Buffer.byteLength(user) + TEMPLATE
}
