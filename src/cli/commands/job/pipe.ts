import type { Command } from 'commander'
import { pipeUsers } from '../../../engines/pipe.ts'
import { integerFrom } from '../../shared/values.ts'

/** `dualtree job pipe <table>`: a line per user on stdin, a line per user on stdout; for `rdd.pipe` and its like. */
export function configure(command: Command): void {
  command
    .argument('<table>', 'safetensors with the item graph or the item vectors')
    .requiredOption('--items <n>', 'items there are', integerFrom(0))
    .option('--k <n>', 'items per user', integerFrom(0), 20)
    .option('--seed <n>', 'orders equal scores', integerFrom(0), 1)
    .action((file: string, flags: { items: number; k: number; seed: number }) =>
      pipeUsers({ file, ...flags }, process.stdin, process.stdout),
    )
}
