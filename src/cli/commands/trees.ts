import { join } from 'node:path'
import type { Command } from 'commander'
import type { TreeShape } from '../../trees/tree.ts'
import { configureStage } from '../shared/session.ts'
import { formatTable } from '../shared/table.ts'

export function configure(command: Command): void {
  configureStage(command, 'trees', ({ directory, trees }) => {
    const { structural, semantic } = trees!.value.description
    const codes = join(directory, 'trees', 'codes.parquet')
    const header = ['tree', 'items', 'leaves', 'depth', 'mean depth', 'leaf size', 'top branches', 'orphans']
    const table = formatTable(header, [describe('structural', structural.shape), describe('semantic', semantic.shape)])
    return {
      text: `${table}\nCodes: ${codes}`,
      json: { directory, codes, structural: structural.shape, semantic: semantic.shape },
    }
  })
}

function describe(name: string, shape: TreeShape): string[] {
  const { items, leaves, depthMin, depthMean, depthMax, leafMin, leafMax, topBranches, orphans } = shape
  const range = (low: number, high: number) => `${low} to ${high}`
  return [
    name,
    String(items),
    String(leaves),
    range(depthMin, depthMax),
    depthMean.toFixed(2),
    range(leafMin, leafMax),
    topBranches.join('/'),
    String(orphans),
  ]
}
