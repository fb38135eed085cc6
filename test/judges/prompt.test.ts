import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { answerSchema, buildPrompt, PROMPT_VERSION, promptHash, promptModes } from '../../src/judges/prompt.ts'
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
const texts = ['Tent', 'Stove: gas', '', 'Boots, size 42', 'Lamp']
const candidatesIn = (mode: string) => (mode === 'pair' ? [4] : [4, 1, 3])

describe.each(promptModes)('mode %s', mode => {
  it('reads as the golden file says', () => {
    const { system, user } = buildPrompt({ mode, history: [0, 2], candidates: candidatesIn(mode), codes, texts })
    const golden = readFileSync(new URL(`prompt.${mode}.golden.txt`, import.meta.url), 'utf8')
    const schema = JSON.stringify(answerSchema(mode))
    expect(`${system}\n\n=== user ===\n\n${user}\n\n=== schema ===\n\n${schema}\n`).toBe(golden)
  })

  it('never tells an item id', () => {
    const many = { depth: 1, values: new Int8Array(9000) }
    const candidates = mode === 'pair' ? [8456] : [8456, 8789]
    const { user } = buildPrompt({ mode, history: [8123], candidates, codes: { structural: many, semantic: many } })
    expect(user).not.toMatch(/8123|8456|8789/)
  })
})

it('a changed word is a new version: count PROMPT_VERSION up with the hashes', () => {
  expect({ version: PROMPT_VERSION, hashes: promptModes.map(mode => promptHash(mode).slice(0, 16)) }).toEqual({
    version: 3,
    hashes: ['2d5e8ba5efa7775c', 'a332b7d2ac7f0b29', 'f5d09221569f72d6', '234ee76928da22a7', '92d742637917e6e4'],
  })
})
