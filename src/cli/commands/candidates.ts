import { join } from 'node:path'
import type { Command } from 'commander'
import { configureStage } from '../shared/session.ts'

export function configure(command: Command): void {
  configureStage(command, 'candidates', ({ directory, candidates }) => {
    const { items, k } = candidates!.value
    const count = items.reduce((sum, item) => sum + Number(item >= 0), 0)
    const table = join(directory, 'candidates', 'candidates.parquet')
    return {
      text: `${count} candidates, at most ${k} per user\nTable: ${table}`,
      json: { directory, table, candidates: count, perUser: k },
    }
  })
}
