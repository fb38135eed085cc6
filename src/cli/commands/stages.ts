/** Commands that take a run up to one of its stages. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { plural } from '../../numbers.ts'
import { BASE_STAGE } from '../../run/method-names.ts'
import { readDataReport } from '../../run/stages/data.ts'
import { reportInView } from '../shared/report.ts'
import { formatResults } from '../shared/results.ts'
import { configureStage } from '../shared/session.ts'
import { formatColumns, outputWidth, wrapText } from '../shared/table.ts'

export const stages = {
  data(command: Command): void {
    configureStage(command, 'data', async ({ directory, data }) => {
      const report = await readDataReport(directory)
      return { text: wrapText(report.decisions.join('\n')), json: { directory, dataHash: data.value.hash, ...report } }
    })
  },

  train(command: Command): void {
    configureStage(command, 'train', ({ directory, base }) => {
      const { history, bestEpoch } = base!.value
      const best = history.find(({ epoch }) => epoch === bestEpoch)?.validation
      const model = join(directory, BASE_STAGE, 'model.safetensors')
      const value = best === undefined ? '' : `, validation Recall@20 ${best.toFixed(4)}`
      return {
        text: `${plural(history.length, 'epoch')}, best epoch ${bestEpoch}${value}\nModel: ${model}`,
        json: { directory, model, bestEpoch, history },
      }
    })
  },

  trees(command: Command): void {
    configureStage(command, 'trees', ({ directory, trees }) => {
      const { structural, semantic } = trees!.value.description
      const codes = join(directory, 'trees', 'codes.parquet')
      const shapes = [
        { tree: 'structural', ...structural.shape },
        { tree: 'semantic', ...semantic.shape },
      ]
      const table = formatColumns(shapes, [
        ['tree', ({ tree }) => tree],
        ['items', ({ items }) => items],
        ['leaves', ({ leaves }) => leaves],
        ['depth', ({ depthMin, depthMax }) => `${depthMin} to ${depthMax}`],
        ['mean depth', ({ depthMean }) => depthMean.toFixed(2)],
        ['leaf size', ({ leafMin, leafMax }) => `${leafMin} to ${leafMax}`],
        ['top branches', ({ topBranches }) => topBranches.join('/')],
        ['orphans', ({ orphans }) => orphans],
      ])
      return {
        text: `${table}\nCodes: ${codes}`,
        json: { directory, codes, structural: structural.shape, semantic: semantic.shape },
      }
    })
  },

  candidates(command: Command): void {
    configureStage(command, 'candidates', ({ directory, candidates }) => {
      const { items, k } = candidates!.value
      const count = items.reduce((sum, item) => sum + Number(item >= 0), 0)
      const table = join(directory, 'candidates', 'candidates.parquet')
      return {
        text: `${count} candidates, at most ${k} per user\nTable: ${table}`,
        json: { directory, table, candidates: count, perUser: k },
      }
    })
  },

  evaluate(command: Command): void {
    configureStage(
      command,
      'evaluate',
      async ({ directory, metrics }, flags) => {
        const report = await reportInView(directory, flags)
        return { text: `${formatResults(metrics!, outputWidth())}\n\nReport: ${report}`, json: metrics }
      },
      async (directory, { judge }) => {
        if (judge === undefined) await (await import('../../run/stages/judge-run.ts')).checkAnswered(directory)
      },
    )
  },
}
