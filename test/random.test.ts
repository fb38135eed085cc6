import { describe, expect, it } from 'vitest'
import { derive, philox, randomStream, shuffle } from '../src/random.ts'

const words = (key: [number, number], counter: [number, number, number, number]) => {
  const out = new Uint32Array(4)
  philox(key, ...counter, out)
  return [...out].map(word => word.toString(16).padStart(8, '0')).join(' ')
}

describe('philox4x32-10', () => {
  it("gives the known answers of the authors' test vectors", () => {
    expect(words([0, 0], [0, 0, 0, 0])).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8')
    expect(words([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff])).toBe(
      '408f276d 41c83b0e a20bc7c6 6d5451fd',
    )
    expect(words([0xa4093822, 0x299f31d0], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344])).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    )
  })
})

describe('derive', () => {
  it('tells seeds, purposes and their numbers apart, and repeats itself', () => {
    const keys = [
      derive(1, 'a'),
      derive(2, 'a'),
      derive(1, 'b'),
      derive(1, 'a', 1),
      derive(1, 'a1'),
      derive(1, 'a', '1'),
    ]
    expect(new Set(keys.map(String)).size).toBe(keys.length)
    expect(derive(1, 'a')).toEqual(keys[0])
  })
})

describe('streams', () => {
  it('are uniform below n', () => {
    const random = randomStream(derive(1, 'test'))
    const counts = new Array(7).fill(0)
    for (let i = 0; i < 70_000; i++) counts[random.below(7)]++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(70_000 * (6 / 49)))
  })

  it('shuffle keeps every value once and puts each in any place', () => {
    const firsts = new Set<number>()
    for (let seed = 0; seed < 60; seed++) {
      const values = shuffle([0, 1, 2, 3, 4], derive(seed, 'shuffle'))
      expect([...values].sort()).toEqual([0, 1, 2, 3, 4])
      firsts.add(values[0])
    }
    expect(firsts.size).toBe(5)
  })
})
