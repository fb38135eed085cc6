import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { samplers } from '../../src/samplers/index.ts'
import { runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const source = writeSmallData(directory)

describe('dualtree samplers bench', () => {
  const flags = ['--epochs', '2', '--dimensions', '8', '--bench-batches', '2', '--leaf-size', '6', '--eigenvectors', '5', '--quiet'] // biome-ignore format: one line

  it('prints a table, or JSON, and draws a picture', async () => {
    const picture = `${directory}/samplers.svg`
    const table = await runHere(['samplers', 'bench', source, ...flags, '--hardest', '2', '--svg', picture])
    expect(table.stderr).toBe('')
    expect(table.stdout).toMatch(/^sampler +draws +refused +valid\. positives +hardness +gradient +µs\n/)
    expect(table.stdout).toMatch(/\ndual-tree over mixgcf +10\.0 /)
    expect(table.stdout).toMatch(
      /\nlightgcn after 2 epochs of bpr with uniform negatives; seed 1, data hash [0-9a-f]{12}\.\n$/,
    )
    const svg = await readFile(picture, 'utf8')
    expect(svg).toMatch(/^<svg[^>]*xmlns=/)
    for (const { name } of samplers.parts.filter(({ kind }) => kind !== 'decorator')) expect(svg).toContain(`>${name}<`)
    const { stdout } = await runHere(['samplers', 'bench', source, ...flags, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ model: 'lightgcn', objective: 'bpr', epochs: 2, seed: 1 })
  })

  it('refuses an option that no sampler has', async () => {
    const { code, stderr } = await runHere(['samplers', 'bench', source, '--hardness', '3'])
    expect(code).toBe(2)
    expect(stderr).toContain("unknown option '--hardness'")
  })
})
