import { mkdir, readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataError, UsageError } from '../../src/errors.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { contentOf } from '../../src/serving/model/content.ts'
import { readModelFolder, writeModelFolder } from '../../src/serving/model/model-folder.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import { fitted, fused, shop, sourceOf, temporaryDirectory } from '../support/serving-world.ts'

const data = shop()

async function writtenFolder() {
  const folder = join(await temporaryDirectory(), 'model')
  await writeModelFolder(folder, contentOf(sourceOf(fused(data), data)))
  return folder
}

const messageOf = (folder: string) =>
  openModel(folder).then(
    () => expect.unreachable('the folder was opened'),
    error => {
      expect(error).toBeInstanceOf(DataError)
      expect(error.message).not.toContain('\n')
      return error.message as string
    },
  )

describe('a model folder', () => {
  it('is the same bytes for the same model, and replaces one that is there', async () => {
    const [folder, other] = [await writtenFolder(), await writtenFolder()]
    const read = async (path: string) =>
      Promise.all(['manifest.json', 'model.safetensors'].map(n => readFile(join(path, n))))
    expect(await read(folder)).toEqual(await read(other))
    await writeModelFolder(folder, contentOf(sourceOf(fitted('ease', data), data)))
    expect(await read(folder)).not.toEqual(await read(other))
    expect((await readdir(join(folder, '..'))).sort()).toEqual(['model'])
    expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'model.safetensors'])
  })

  it('lies in kernel memory as it is in the file: no array is copied', async () => {
    const { memory } = createKernels()
    const { tensors } = await readModelFolder(await writtenFolder(), memory)
    for (const [name, { values }] of Object.entries(tensors))
      expect((values as Float32Array).buffer, name).toBe(memory.resident(memory.floats(1)).buffer)
  })

  it('is not written over other files', async () => {
    const folder = await temporaryDirectory()
    await writeFile(join(folder, 'thesis.txt'), 'x')
    await expect(writeModelFolder(folder, contentOf(sourceOf(fitted('ease', data), data)))).rejects.toThrow(
      'holds other files (thesis.txt) and no model: choose a new or empty folder',
    )
  })
})

describe('a model folder that is damaged is refused in one line:', () => {
  const arrays = 'model.safetensors'

  it('cut off', async () => {
    const folder = await writtenFolder()
    await truncate(join(folder, arrays), 1000)
    expect(await messageOf(folder)).toMatch(/expected \d+ bytes, found 1000: it is cut off or of another model/)
  })

  it('any bit flipped', async () => {
    const folder = await writtenFolder()
    for (const name of [arrays, 'manifest.json']) {
      const whole = await readFile(join(folder, name))
      for (let at = 3; at < whole.length; at += Math.ceil(whole.length / 40)) {
        const broken = Buffer.from(whole)
        broken[at] ^= 4
        await writeFile(join(folder, name), broken)
        expect(await messageOf(folder), `${name} at ${at}`).toContain(`${name}: `)
      }
      await writeFile(join(folder, name), whole)
    }
    await expect(openModel(folder)).resolves.toBeDefined()
  })

  it('of another version', async () => {
    const folder = await writtenFolder()
    const path = join(folder, 'manifest.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace('"version": 1', '"version": 2'))
    expect(await messageOf(folder)).toMatch(/expected a model folder of version 1, found version 2; export it again/)
  })

  it('a file missing, or unreadable', async () => {
    const folder = await writtenFolder()
    await unlink(join(folder, arrays))
    expect(await messageOf(folder)).toContain(`${arrays}: cannot be read`)
    await mkdir(join(folder, arrays))
    expect(await messageOf(folder)).toContain(arrays)
    const other = await writtenFolder()
    await unlink(join(other, 'manifest.json'))
    expect(await messageOf(other)).toContain('there is no whole model in this folder')
  })

  it('no model at all', async () => {
    const empty = await temporaryDirectory()
    await expect(openModel(empty)).rejects.toThrow(UsageError)
    await expect(openModel(empty)).rejects.toThrow(`has no model to serve: fit one with "dualtree fit ${empty}"`)
    await expect(openModel(join(empty, 'gone'))).rejects.toThrow('gone: no such directory; give a run directory')
  })
})
