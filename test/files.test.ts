import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readWhole } from '../src/files.ts'
import { temporaryDirectory } from './support/directory.ts'

it.each([0, 1, 7, 8, 1000])('readWhole of %i bytes, 7 at a time, is the file', async length => {
  const path = join(await temporaryDirectory(), 'file')
  await writeFile(
    path,
    Uint8Array.from({ length }, (_, at) => (at * 7) % 251),
  )
  expect(await readWhole(path, 7)).toEqual(await readFile(path))
})
