import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { buildPrompt, PROMPT_VERSION, promptHash } from '../../src/judges/prompt.ts'
import { packCodes } from '../../src/trees/codes.ts'

const codes = {
  structural: packCodes([[2, 0, 3, 1], [2, 0, 3], [0], [1, 1, 1], []]),
  semantic: packCodes([
    [1, 1],
    [0, 2, 2],
    [3, 3, 0],
    [3, 1],
    [0, 2],
  ]),
}

it('reads as the golden file says', () => {
  const { system, user } = buildPrompt({ history: [0, 2], candidates: [4, 1, 3], codes })
  const golden = readFileSync(new URL('prompt.golden.txt', import.meta.url), 'utf8')
  expect(`${system}\n\n=== user ===\n\n${user}\n`).toBe(golden)
})

it('a changed word is a new version: count PROMPT_VERSION up with the hash', () => {
  expect({ version: PROMPT_VERSION, hash: promptHash }).toEqual({
    version: 1,
    hash: 'ae4cc162909bd1f6cac2da72e0d20f5727538b516add4db86153b1c0a000314a',
  })
})

it('never tells an item id', () => {
  const many = { depth: 1, values: new Int8Array(9000) }
  const { user } = buildPrompt({
    history: [8123],
    candidates: [8456, 8789],
    codes: { structural: many, semantic: many },
  })
  expect(user).not.toMatch(/8123|8456|8789/)
})
