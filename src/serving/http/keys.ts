/** Bearer keys, from the environment or a file. Only their hashes are kept. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { messageOf, UsageError } from '../../errors.ts'

/** The environment variable, with keys separated by commas. */
export const KEYS_VARIABLE = 'DUALTREE_KEYS'

const SHORTEST = 16

export interface Keys {
  readonly count: number
  /** @returns which key an Authorization header has, −1 for none; takes as long for every key of a length */
  match(authorization: string | undefined): number
}

/**
 * @param file one key a line; blank lines and lines that begin with # are comments
 * @throws UsageError for a file that cannot be read or has no key, and for a key that can be guessed
 */
export async function readKeys(file: string | undefined, environment: string | undefined): Promise<Keys> {
  const own = split(environment, /,/).map(key => ({ key, from: KEYS_VARIABLE }))
  if (file === undefined) return createKeys(own)
  const text = await readFile(file, 'utf8').catch(error => {
    throw new UsageError(`--keys ${file}: cannot be read: ${messageOf(error)}`)
  })
  const lines = split(text, /\r?\n/).filter(line => !line.startsWith('#'))
  if (lines.length === 0) throw new UsageError(`--keys ${file}: expected one key per line, found none`)
  return createKeys([...own, ...lines.map(key => ({ key, from: `--keys ${file}` }))])
}

const split = (text = '', separator: RegExp) =>
  text
    .split(separator)
    .map(part => part.trim())
    .filter(Boolean)

function createKeys(all: readonly { key: string; from: string }[]): Keys {
  for (const { key, from } of all)
    if (key.length < SHORTEST || !/^[\w.~+/-]+=*$/.test(key))
      throw new UsageError(
        `${from}: expected keys of at least ${SHORTEST} letters, digits and ._~+/-, found one of ${key.length} characters; make one with "openssl rand -hex 24"`,
      )
  const hashes = all.map(({ key }) => hash(key))
  return {
    count: hashes.length,
    match(authorization) {
      const key = /^Bearer ([\w.~+/-]{1,512}=*)$/i.exec(authorization ?? '')?.[1]
      if (key === undefined) return -1
      const given = hash(key)
      // no early end: how long it takes says nothing of which key is near
      let found = -1
      hashes.forEach((own, index) => {
        if (timingSafeEqual(own, given)) found = index
      })
      return found
    },
  }
}

const hash = (text: string) => createHash('sha256').update(text).digest()
