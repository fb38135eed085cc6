import { join } from 'node:path'
import type { Command } from 'commander'
import { configureStage } from '../shared/session.ts'
import { formatColumns } from '../shared/table.ts'

export function configure(command: Command): void {
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
}
