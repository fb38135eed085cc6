import { type Command, InvalidArgumentError } from 'commander'
import { pipeUsers } from '../../../engines/pipe.ts'

interface Flags {
  readonly items: number
  readonly k: number
  readonly seed: number
}

/** `dualtree job pipe <table>`: a line per user on stdin, a line per user on stdout; for `rdd.pipe` and its like. */
export function configure(command: Command): void {
  command
    .argument('<table>', 'safetensors with the item graph or the item vectors')
    .requiredOption('--items <n>', 'items there are', parseInteger)
    .option('--k <n>', 'items per user', parseInteger, 20)
    .option('--seed <n>', 'orders equal scores', parseInteger, 1)
    .action((file: string, flags: Flags) => pipeUsers({ file, ...flags }, process.stdin, process.stdout))
}

function parseInteger(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`expected an integer from 0, got "${text}"`)
  return Number(text)
}
