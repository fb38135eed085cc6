import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sha256 } from '../../src/files.ts'
import { wholeStage } from '../../src/run/stage-folder.ts'
import { temporaryDirectory } from '../support/directory.ts'

it('a stage that is only read is whole, absent, or refused with the file that is damaged', async () => {
  const manifest = {
    stage: 'x',
    key: 'k',
    options: {},
    inputs: {},
    files: { 'a.bin': sha256('abc') },
    seconds: 1,
    peakBytes: 1,
  }
  const folder = await temporaryDirectory({ 'a.bin': 'abc', 'manifest.json': JSON.stringify(manifest) })
  const read = () => wholeStage(folder, 'run it again')
  expect(await read()).toEqual(manifest)
  expect(await wholeStage(join(folder, 'nowhere'), 'run it again')).toBeUndefined()
  writeFileSync(join(folder, 'a.bin'), 'abd')
  await expect(read()).rejects.toThrow(`${join(folder, 'a.bin')} is damaged or missing: run it again`)
  rmSync(join(folder, 'a.bin'))
  await expect(read()).rejects.toThrow(`${join(folder, 'a.bin')} is damaged or missing: run it again`)
  writeFileSync(join(folder, 'manifest.json'), '{')
  await expect(read()).rejects.toThrow(`${join(folder, 'manifest.json')} is damaged or missing: run it again`)
})
