/** `dualtree spark`: data that outgrows one machine, prepared by Apache Spark. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { runProgram } from '../../engines/programs.ts'
import { sparkCommand, sparkOptions } from '../../engines/spark.ts'
import { readJson } from '../../files.ts'
import { parseOptions } from '../../options.ts'
import { commandGroup, local } from '../shared/add-commands.ts'
import { addSchemaFlags, givenOf } from '../shared/flags.ts'
import { shortenHelp } from '../shared/help.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../shared/session.ts'

export const { subcommands, configure } = commandGroup([
  {
    name: 'submit',
    summary: 'split, item graph, base model and candidates by Spark, for "dualtree run --prepared"',
    load: local(submit),
  },
])

interface Flags extends SessionFlags {
  readonly out: string
  readonly master?: string
  readonly sparkSubmit?: string
  readonly worker?: string
  readonly conf?: string[]
}

const USUAL = ['format', 'user', 'item', 'time', 'timeUnit', 'kCore', 'split', 'affinity', 'base', 'candidates']

/** `dualtree spark submit <data> --out <folder>`: runs `dualtree_spark.py` by spark-submit, to its end. */
function submit(command: Command): void {
  command
    .argument('<data>', 'file, glob or folder, in a form that Spark reads')
    .requiredOption('--out <folder>', 'folder to write, visible to driver and executors')
    .option('--master <url>', 'master of the cluster', 'local[*]')
    .option('--spark-submit <path>', 'the program (default: on the PATH, or in SPARK_HOME)')
    .option('--worker <command>', 'how an executor starts dualtree (default: as this process was started)')
    .option('--conf <key=value...>', 'further settings of Spark, such as spark.executor.memory=4g')
  addSchemaFlags(addOutputFlags(command), sparkOptions)
  shortenHelp(command, USUAL)
  command.action(async (data: string, flags: Flags) => {
    const { out, master, sparkSubmit: program, worker } = flags
    const options = parseOptions(sparkOptions, givenOf(sparkOptions, flags), 'spark submit')
    const more = (flags.conf ?? []).flatMap(setting => ['--conf', setting])
    const { command: file, args } = sparkCommand({ data, out, options, program, master, more, worker })
    await inView(flags, ({ signal }) => runProgram(file, args, signal), 'starts over')
    const made = await readJson<{ sizes: Record<string, number> }>(join(out, 'spark.json'), 'submit again')
    const sizes = Object.entries(made.sizes).map(([name, size]) => `${name} ${size}`)
    show({ text: `${sizes.join(', ')}: ${out}\nNext: dualtree run --prepared ${out}`, json: made }, flags)
  })
}
