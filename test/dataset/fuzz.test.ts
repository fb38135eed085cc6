import { expect, it } from 'vitest'
import { check, fileOf } from '../../bench/fuzz/check.ts'
import { budget } from '../support/budget.ts'

const FILES = budget(60, 300)

it(`${FILES} damaged files end in a right reading, or in one line of error (npm run fuzz has 10,000)`, async () => {
  const wrong: string[] = []
  for (let index = 0; index < FILES; index++) {
    const { kind, words } = await check(fileOf(7, index))
    if (kind === 'failure') wrong.push(`${index}: ${words}`)
  }
  expect(wrong).toEqual([])
})

it('the same seed gives the same file', () => {
  expect(fileOf(3, 5)).toEqual(fileOf(3, 5))
  expect(fileOf(3, 5).text).not.toBe(fileOf(4, 5).text)
})
