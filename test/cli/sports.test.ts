import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { IS_FULL } from '../support/budget.ts'
import { runCli } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const SPORTS = resolve(import.meta.dirname, '../../../shared/data/sports')
const directory = sharedDirectory()

// a short run: two epochs of a small model, to see that real input goes through; figures are the benchmark's business
describe.skipIf(!existsSync(SPORTS) || !IS_FULL)(
  'a short run on Amazon Sports (in .ci/run, where ../shared/data/sports is there)',
  () => {
    it('goes from the three files to a table and to recommendations', async () => {
      const out = join(directory, 'sports')
      const flags = [
        '--model',
        'mf',
        '--dimensions',
        '16',
        '--epochs',
        '2',
        '--validate-every',
        '1',
        '--learning-rate',
        '0.01',
        '--baselines',
        'popularity,item-knn',
        '--mask-at-test',
        'train',
      ]
      const { code, stdout, stderr } = await runCli(['run', SPORTS, '--out', out, ...flags])
      expect(stderr).not.toContain('error')
      expect(code).toBe(0)
      expect(stdout).toContain(
        '15,138 users and 8,439 items: 171,621 interactions to train, 19,370 to validate, 19,448 to test.',
      )
      expect(stdout).toContain('15138')
      const { rows } = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'))
      const plain = rows.filter((row: { variant: string }) => row.variant === 'history train')
      const [popularity, knn] = plain
      expect(popularity.metrics['recall@20']).toBeCloseTo(0.0326, 3)
      expect(popularity.metrics['ndcg@20']).toBeCloseTo(0.0146, 3)
      expect(knn.metrics['recall@20']).toBeCloseTo(0.1518, 3)
      expect(knn.metrics['ndcg@20']).toBeCloseTo(0.1087, 3)
      expect(plain.map((row: { method: string }) => row.method)).toEqual([
        'popularity',
        'item-knn',
        'mf+mixgcf',
        'dtl-ns',
      ])

      const recommended = await runCli(['recommend', out, '--user', '8779', '--k', '10', '--format', 'json'])
      const items = JSON.parse(recommended.stdout).answers[0].items.map((row: { item: number }) => row.item)
      expect(new Set(items).size).toBe(10)
      expect(Math.min(...items)).toBeGreaterThanOrEqual(15138)
    })
  },
)
