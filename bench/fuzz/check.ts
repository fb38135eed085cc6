/** One file of the fuzz, read; what is wrong with the outcome, in words. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findData, groupsOf } from '../../src/dataset/files/find.ts'
import { readParts } from '../../src/dataset/read.ts'
import type { FileAccount } from '../../src/dataset/report.ts'
import { DataError, messageOf } from '../../src/errors.ts'
import { derive, randomStream } from '../../src/random.ts'
import { canonical, type FuzzFile, makeFile } from './tables.ts'

export interface Outcome {
  readonly kind: 'read' | 'refused' | 'failure'
  readonly words: string
}

export function fileOf(seed: number, index: number): FuzzFile {
  return makeFile(randomStream(derive(seed, 'fuzz', index)))
}

/** A right reading has every row that nothing touched, in its order, and an account of every line; else there is one line of error. */
export async function check(file: FuzzFile): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), 'dualtree-fuzz-'))
  try {
    const path = join(directory, file.name)
    await writeFile(path, file.content)
    const found = await findData(path)
    try {
      const { parts, userIds, itemIds, accounts } = await readParts(groupsOf(found), {
        wishes: {},
        decide: () => {},
        onFile: () => {},
      })
      const [{ users, items }] = parts
      const pairs = Array.from(
        users,
        (user, row) => `${canonical(String(userIds[user]))} ${canonical(String(itemIds[items[row]]))}`,
      )
      return { kind: 'read', ...judged(file, pairs, accounts[0]) }
    } finally {
      await found.dispose()
    }
  } catch (error) {
    const words = messageOf(error)
    const isOneLine =
      error instanceof DataError && !words.includes('\n') && words.length < 2000 && !/Error:/.test(words)
    return { kind: isOneLine ? 'refused' : 'failure', words: isOneLine ? words : String((error as Error).stack) }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function judged(file: FuzzFile, pairs: readonly string[], account: FileAccount) {
  const refused = account.refused.reduce((sum, { count }) => sum + count, 0)
  if (account.read !== pairs.length || account.rows !== account.read + refused)
    return {
      kind: 'failure' as const,
      words: `the account says ${account.rows} = ${account.read} + ${refused}, and ${pairs.length} were read`,
    }
  const before = account.skipped.find(({ reason }) => reason === 'line before the table')?.count ?? 0
  if (file.rows !== undefined && account.rows + before !== file.rows)
    return { kind: 'failure' as const, words: `${account.rows} rows accounted for, ${file.rows} in the file` }
  let next = 0
  for (const pair of pairs) if (pair === file.intact[next]) next++
  if (next < file.intact.length)
    return {
      kind: 'failure' as const,
      words: `row "${file.intact[next]}" that nothing touched was not read (${pairs.length} read, ${file.intact.length} intact)`,
    }
  return { words: '' }
}
