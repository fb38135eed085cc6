import { expect, it } from 'vitest'
import { controlCodes, controlNames } from '../../src/judge-audit/controls.ts'
import { codeOf, formatCode, packCodes, sharedPrefix, type ViewCodes } from '../../src/trees/codes.ts'
import { randomCodes } from '../support/judging.ts'

const codes = randomCodes(50)
const views = ['structural', 'semantic'] as const
const paths = (of: ViewCodes, view: (typeof views)[number]) =>
  Array.from({ length: 50 }, (_, item) => codeOf(of[view], item))
const words = (of: ViewCodes, view: (typeof views)[number]) => paths(of, view).map(path => formatCode(path))

it('there are four', () => {
  expect(controlNames).toEqual(['shuffled', 'random', 'constant', 'relabelled'])
})

it('shuffled: the same codes for other items, both views alike', () => {
  const shuffled = controlCodes('shuffled', codes, 1)
  for (const view of views) {
    expect(words(shuffled, view)).not.toEqual(words(codes, view))
    expect(words(shuffled, view).sort()).toEqual(words(codes, view).sort())
  }
  const both = (of: ViewCodes) => words(of, 'structural').map((word, item) => `${word} ${words(of, 'semantic')[item]}`)
  expect(both(shuffled).sort()).toEqual(both(codes).sort())
})

it('random: the same lengths, the steps of as many branches, each view by itself', () => {
  const random = controlCodes('random', codes, 1)
  for (const view of views) {
    const lengths = (of: ViewCodes) => paths(of, view).map(path => path.length)
    expect(lengths(random)).toEqual(lengths(codes))
    expect(words(random, view)).not.toEqual(words(codes, view))
    expect(new Set(paths(random, view).flatMap(path => [...path]))).toEqual(new Set([0, 1, 2]))
  }
})

it('constant: one code of the mean length', () => {
  const constant = controlCodes('constant', codes, 1)
  for (const view of views) {
    const mean = paths(codes, view).reduce((sum, path) => sum + path.length, 0) / 50
    expect(new Set(words(constant, view))).toEqual(new Set([Array(Math.round(mean)).fill(0).join('-')]))
  }
})

it('relabelled: other words, and every shared prefix as long as before', () => {
  const relabelled = controlCodes('relabelled', codes, 1)
  for (const view of views) {
    const [before, after] = [paths(codes, view), paths(relabelled, view)]
    expect(after).not.toEqual(before)
    before.forEach((one, a) => {
      before.forEach((other, b) => {
        expect(sharedPrefix(after[a], after[b])).toBe(sharedPrefix(one, other))
      })
    })
  }
})

it('the same for a seed, another for another', () => {
  for (const name of ['shuffled', 'random', 'relabelled']) {
    expect(controlCodes(name, codes, 1)).toEqual(controlCodes(name, codes, 1))
    expect(controlCodes(name, codes, 2)).not.toEqual(controlCodes(name, codes, 1))
  }
})

it('codes without a step stay so', () => {
  const empty = { structural: packCodes([[], []]), semantic: packCodes([[], []]) }
  for (const name of controlNames) expect(controlCodes(name, empty, 1)).toEqual(empty)
})
