import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runHere } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const SPORTS = resolve(import.meta.dirname, '../../../shared/data/sports')
const directory = sharedDirectory()

function write(name: string, lines: readonly string[]): string {
  const path = join(directory, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

describe('dualtree audit-leakage', () => {
  const train = write('train.csv', ['user_id,item_id', 'a,x', 'a,y', 'b,y', 'b,z', 'c,x'])
  const test = write('test.txt', ['a z', 'b x'])

  it('ends with 0 when nothing leaks, whatever the formats of the files', async () => {
    const { stdout, stderr, code } = await runHere(['audit-leakage', '--train', train, '--test', test])
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toMatch(/^ok +overlap +no pair is in two of train and test$/m)
    expect(stdout).toContain('No trace of a leak. That is not a proof')
  })

  it('ends with 1 when something does, and prints the findings as JSON', async () => {
    const leaky = write('leaky.tsv', ['user\titem', 'a\tx', 'b\tx'])
    const { stdout, code } = await runHere(['audit-leakage', '--train', train, '--test', leaky, '--json'])
    expect(code).toBe(1)
    const { failed, findings } = JSON.parse(stdout)
    expect(failed).toBe(true)
    expect(findings.find(({ check }: { check: string }) => check === 'overlap')).toEqual({
      check: 'overlap',
      verdict: 'leak',
      text: 'the same pairs stand in two parts: 1 in train and test',
      figures: { 'train and test': 1 },
    })
  })

  it('says how ids are shifted, and that nothing else counts before that is mended', async () => {
    const rows = Array.from({ length: 30 }, (_, at) => `${at % 5} ${100 + at}`)
    const shifted = Array.from({ length: 20 }, (_, at) => `${(at + 1) % 5} ${at}`)
    const files = ['--train', write('train.txt', rows), '--test', write('shifted.txt', shifted)]
    const { stdout, code } = await runHere(['audit-leakage', ...files])
    expect(code).toBe(1)
    expect(stdout.replace(/\s+/g, ' ')).toContain('fault ids users or items that train does not have: 100.0 % of test; its item ids are those of train minus 100 ') // biome-ignore format: one line
    expect(stdout.split('\n').every(line => line.length <= 100)).toBe(true)
    expect(stdout).toMatch(/^How the files were read:\n.*train\.txt: format pairs/m)
    expect(stdout).toContain('The files do not belong together')
  })

  it('reads its errors to the end: missing flag, missing file', async () => {
    const missing = await runHere(['audit-leakage', '--train', train])
    expect(missing.code).toBe(2)
    expect(missing.stderr).toContain("required option '--test <file>' not specified")
    const absent = await runHere(['audit-leakage', '--train', train, '--test', 'nowhere.txt'])
    expect(absent).toMatchObject({ code: 3, stderr: 'error: nowhere.txt: the file cannot be read: ENOENT\n' })
  })

  it.skipIf(!existsSync(SPORTS))(
    'flags what is known of the Sports files (skipped where ../shared/data/sports is absent)',
    async () => {
      const files = {
        train: 'train.txt',
        valid: 'valid.txt',
        test: 'test.txt',
        enhanced: 'released/train_enhance_dtl_fni.txt',
        candidates: 'released/candidate_items.txt',
      }
      const flags = Object.entries(files).flatMap(([name, path]) => [`--${name}`, join(SPORTS, path)])
      const { stdout: printed, code } = await runHere(['audit-leakage', ...flags])
      const stdout = printed.replace(/\n {10,}/g, ' ')
      expect(code).toBe(1)
      expect(stdout).toMatch(/^note +ids +item ids are offset by the 15,138 users/m)
      expect(stdout).toMatch(/^ok +overlap/m)
      expect(stdout).toMatch(/^leak +candidate-users +they are exactly the test users: of 10,507 users/m)
      expect(stdout).toMatch(
        /^leak +enhanced-filtered +filtered by held-out data: 0 of 193,550 judged pairs are held-out pairs, where 3,458 are expected/m,
      )
      expect(stdout).toMatch(/^leak +mask +the enhanced set, .* 19,370 pairs of valid are not masked/m)
      expect(stdout).toContain('3 of 7 checks')
    },
  )
})
