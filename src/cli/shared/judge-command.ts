/** What the commands on judge jobs share. */
import { type Command, Option } from 'commander'
import { addOptionFlags } from './flags.ts'
import { JUDGE_OPTIONS } from './help.ts'
import { addOutputFlags } from './session.ts'

/** A command on a run directory, with the options of judges. */
export function jobCommand(command: Command): Command {
  command.argument('<run>', 'run directory with candidates and trees')
  command.addOption(new Option('--judge <name>', 'chat, ai-sdk or batch (default: what the run has, else chat)'))
  return addOutputFlags(addOptionFlags(command, ['Judge', 'Items'], JUDGE_OPTIONS))
}
