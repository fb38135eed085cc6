/**
 * Who is still at work: each process holds a lock on a file of its own, which the operating system lets go when the
 * process ends, however it ends. No clock, and no process ids, which are used again.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

type OpenDatabase = (path: string) => DatabaseSync

export interface Presence {
  readonly owner: string
  /** Whether the process of another owner has ended. */
  isGone(owner: string): boolean
  leave(): void
}

/** @param folder where the lock files lie; they need a file system with locks, which network file systems may lack */
export function registerProcess(folder: string, open: OpenDatabase): Presence {
  mkdirSync(folder, { recursive: true })
  const owner = randomUUID()
  const pathOf = (name: string) => join(folder, `${name}.lock`)
  const held = open(pathOf(owner))
  held.exec('BEGIN EXCLUSIVE')
  return {
    owner,
    isGone(other) {
      if (other === owner) return false
      const path = pathOf(other)
      if (!existsSync(path)) return true
      if (isLocked(path, open)) return false
      rmSync(path, { force: true })
      return true
    },
    leave() {
      held.close()
      rmSync(pathOf(owner), { force: true })
    },
  }
}

function isLocked(path: string, open: OpenDatabase): boolean {
  const probe = open(path)
  try {
    probe.exec('BEGIN EXCLUSIVE')
    return false
  } catch {
    return true
  } finally {
    probe.close()
  }
}
