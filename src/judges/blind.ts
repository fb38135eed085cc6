/** Chances that do not hang on which other candidates there are. */
import { type derive, philox } from '../random.ts'

/** Yes with a probability, as a function of key, user and item alone. */
export function blindly(key: ReturnType<typeof derive>, probability: number): (user: number, item: number) => boolean {
  const words = new Uint32Array(4)
  return (user, item) => {
    philox(key, user, item, 0, 0, words)
    return words[0] < probability * 0x1_0000_0000
  }
}
