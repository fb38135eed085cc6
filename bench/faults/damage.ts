/** Damage to one file of a run directory, as a function of a seed and a number. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { derive, randomStream } from '../../src/random.ts'

const KINDS = ['flip a bit', 'cut off', 'empty', 'delete', 'overwrite', 'swap', 'make a directory'] as const

export interface Damage {
  readonly kind: (typeof KINDS)[number]
  /** below the run directory */
  readonly file: string
  apply(directory: string): void
}

/** Every file of a run, but what no result depends on. */
export function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(path => statSync(join(directory, path)).isFile())
    .map(path => relative('.', path))
    .sort()
}

/** A copy of a run, in place of the last one, with this damage. @returns its directory */
export function damagedCopy(directory: string, run: string, damage: Damage): string {
  const copy = join(directory, 'copy')
  rmSync(copy, { recursive: true, force: true })
  cpSync(run, copy, { recursive: true })
  damage.apply(copy)
  return copy
}

/** @param files of the whole run, as `filesOf` lists them */
export function damageOf(seed: number, index: number, files: readonly string[]): Damage {
  const random = randomStream(derive(seed, 'fault', index))
  const kind = KINDS[random.below(KINDS.length)]
  const file = files[random.below(files.length)]
  const other = files[random.below(files.length)]
  const place = random.uniform()
  const bit = random.below(8)
  return {
    kind,
    file,
    apply(directory) {
      const path = join(directory, file)
      const bytes = readFileSync(path)
      const at = Math.min(bytes.length - 1, Math.floor(place * bytes.length))
      if (kind === 'flip a bit' && bytes.length > 0) {
        bytes[at] ^= 1 << bit
        writeFileSync(path, bytes)
      } else if (kind === 'cut off') truncateSync(path, Math.max(0, at))
      else if (kind === 'empty') truncateSync(path, 0)
      else if (kind === 'overwrite') writeFileSync(path, Buffer.alloc(bytes.length, place * 256))
      else if (kind === 'swap') {
        const [from, to] = [path, join(directory, other)]
        writeFileSync(from, readFileSync(to))
        writeFileSync(to, bytes)
      } else {
        rmSync(path)
        if (kind === 'make a directory') mkdirSync(path)
      }
    },
  }
}
