import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { RELEASED_FILES } from '../../../src/research/repro/released-files.ts'
import type { SportsReproduction } from '../../../src/research/repro/write.ts'
import { QUICK, runHere, writeSmallData } from '../../support/cli.ts'
import { sharedDirectory } from '../../support/directory.ts'

const directory = sharedDirectory()

/** Files as they were released, of the small data: everything is a candidate, and all that is not held out is judged positive. */
function writeReleased(source: string): void {
  const rows = (part: string) =>
    readFileSync(join(source, `${part}.txt`), 'utf8')
      .trim()
      .split('\n')
  const [train, heldOut] = [rows('train'), new Set([...rows('valid'), ...rows('test')])]
  const items = [...new Set(train.map(row => row.split(' ')[1]))]
  const testUsers = [...new Set(rows('test').map(row => row.split(' ')[0]))]
  const asked = testUsers.map(user => [user, ...items.filter(item => !train.includes(`${user} ${item}`)).slice(0, 8)])
  const judged = asked.flatMap(([user, ...own]) => own.map(item => `${user} ${item}`)).filter(row => !heldOut.has(row))
  const codes = items.map((item, at) => `${item}: ${at % 3}-${at % 4}`).join('\n')
  const released = join(source, 'released')
  mkdirSync(released)
  const write = (name: string, text: string) => writeFileSync(join(released, name), text)
  write(RELEASED_FILES.structural, codes)
  write(RELEASED_FILES.semantic, codes)
  write(RELEASED_FILES.candidates, asked.map(row => row.join('\t')).join('\r\n'))
  write(RELEASED_FILES.enhanced, [...train, ...judged].map(row => row.replace(' ', '\t')).join('\n'))
}

it('puts the released files beside our own pipeline, says what lies outside its band, and goes on where it was', async () => {
  const source = writeSmallData(directory)
  const out = join(directory, 'repro')
  const args = ['repro', 'sports', source, '--out', out, ...QUICK, '--seeds', '2']
  const missing = await runHere(args)
  expect(missing).toMatchObject({ code: 3 })
  expect(missing.stderr).toContain(`${join(source, 'released')}: there is no Sports_struct_path_encoding.txt`)

  writeReleased(source)
  const first = await runHere(args)
  expect(first.stderr).not.toContain('error')
  // data that is not Sports cannot give the figures of Sports
  expect(first.code).toBe(1)
  expect(first.stdout).toMatch(/^ease +0\.\d{4} +0\.1667 ± 0\.0005 +OUTSIDE/m)
  expect(first.stdout).toMatch(/^judged pairs that are held out +0 +0 ± 0 +ok$/m)
  // and other settings than the paper's have nothing to be compared with
  expect(first.stdout).toMatch(/^released files +0\.\d{4} ± 0\.\d{4}$/m)
  // what is claimed of them is compared user by user, over the seeds that there are
  expect(first.stdout).toMatch(/^what their judgements .* improve +[+−]?0\.\d{4} \[[+−]?0\.\d{4}, [+−]?0\.\d{4}\]$/m)
  expect(first.stdout).toContain('figures lie outside their band: popularity: recall@20, ')
  expect(first.stdout).toContain(
    '(95 % intervals over users, and of seeds where a method has several; test, train alone masked.)',
  )
  const { rows, differences, holds } = JSON.parse(readFileSync(join(out, 'repro.json'), 'utf8')) as SportsReproduction
  expect(holds).toBe(false)
  expect(rows.map(({ name, protocol }) => `${name}: ${protocol}`)).toEqual([
    'popularity: strict',
    'item-knn: strict',
    'ease: strict',
    'lightgcn+mixgcf: strict',
    'dtl-ns: strict',
    ...['popularity', 'item-knn', 'ease', 'lightgcn+mixgcf', 'dtl-ns', 'dtl-ns-strict-mask'].map(
      name => `${name}, our judgements: released`,
    ),
    'released files: strict',
    'released files, released mask: released',
    'ease, released mask: released',
  ])
  expect(rows.find(({ name }) => name === 'released files')!.seeds).toEqual([1, 2])
  // a mask that leaves out wrong items only can but raise what a fixed model reaches
  const ndcg = (name: string) => rows.find(row => row.name === name)!.metrics['ndcg@20'].value
  expect(differences).toHaveLength(5)
  for (const { method, against, value } of differences) expect(value).toBeCloseTo(ndcg(method) - ndcg(against), 12)
  const page = readFileSync(join(out, 'report.html'), 'utf8')
  expect(page).toContain('ease,<wbr> released mask (RELEASED)')
  expect(ndcg('ease, released mask')).toBeGreaterThan(ndcg('ease'))

  const refused = await runHere([...args, '--mask-at-test', 'train'])
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.stderr).toContain(
    '--mask-at-test is set by the reproduction itself, which is strict and released, on test, with train masked and ranked from: leave it out',
  )

  const again = await runHere([...args, '--json'])
  expect(again.stderr).not.toMatch(/^ {2}\S+: \d[\d.]* (s|min)/m)
  expect(JSON.parse(again.stdout)).toEqual(JSON.parse(readFileSync(join(out, 'repro.json'), 'utf8')))
})
