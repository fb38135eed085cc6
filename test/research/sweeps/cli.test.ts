import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runHere, writeSmallData } from '../../support/cli.ts'
import { sharedDirectory } from '../../support/directory.ts'

const directory = sharedDirectory()

describe('dualtree sweep', () => {
  it('prints the best trainings and the flags to use, and writes both files', async () => {
    const space = join(directory, 'space.json')
    writeFileSync(space, '{"easeRegularization": {"log": [1, 100]}}')
    const out = join(directory, 'sweep')
    const data = writeSmallData(directory)
    const { code, stdout } = await runHere(['sweep', data, '--method', 'ease', '--space', space, '--trials', '3', '--out', out]) // biome-ignore format: one line
    expect(code).toBe(0)
    expect(stdout).toMatch(/^trial +rung +ndcg@20 +time +easeRegularization\n/)
    expect(stdout).toMatch(
      /\nease: 3 trainings on validation data, all trials done; best ndcg@20 \.\d+ with\n {2}--ease-regularization [\d.]+\n/,
    )
    expect(JSON.parse(readFileSync(join(out, 'sweep.json'), 'utf8')).trainings).toHaveLength(3)
    expect(readFileSync(join(out, 'sweep.svg'), 'utf8')).toMatch(/^<svg xmlns/)
  })

  it.each([
    [
      ['sweep', 'x', '--space', '/nowhere.json'],
      'error: --space /nowhere.json: cannot be read (ENOENT); give a JSON file\n',
    ],
    [
      ['compare-methods', 'x', '--methods', ','],
      'error: --methods ",": expected one or more methods, such as ease,recommended\n',
    ],
    [
      ['sweep', 'x', '--budget', '5', '--method', 'ease'],
      'error: budget "5": expected a number and a unit, such as 2h, 30m or 90s\n',
    ],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await runHere([...args, '--out', join(directory, 'none')])
    expect(stderr).toBe(message)
    expect(code).toBe(2)
  })
})
