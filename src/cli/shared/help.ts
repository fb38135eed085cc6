/** Help that fits on a screen: the options that people set, examples, and `--help-all` for everything. */
import { type Command, Help, Option } from 'commander'
import { EXAMPLES } from './examples.ts'
import { wrapText } from './table.ts'

/** A flag made from an option of a schema. */
export class SchemaFlag extends Option {}

/** Options of a run that people set; the others are for `--help-all`. */
const RUN_OPTIONS: readonly string[] = [
  ...['preset', 'model', 'sampler', 'compare', 'baselines', 'judge', 'llmModel', 'baseUrl', 'maxCost', 'seed', 'seeds'],
  ...['threads', 'kCore', 'split', 'candidatesPerUser', 'cutoffs', 'epochs', 'dimensions', 'learningRate'],
  'regularization',
]

/** Those of commands that search, which set most others themselves. */
export const SEARCH_OPTIONS: readonly string[] = [
  ...['preset', 'model', 'seed', 'seeds', 'threads', 'kCore', 'split', 'epochs', 'dimensions'],
]

/** Those of commands that do nothing but judge. */
export const JUDGE_OPTIONS: readonly string[] = [
  ...['judge', 'minPrefix', 'llmModel', 'baseUrl', 'concurrency', 'prices', 'maxCost', 'maxTokens'],
  ...['auditJudges', 'auditUsers'],
]

/** A command with no more options than this shows them all. */
const SCREENFUL = 12
/** Characters of an option's description on one screen: two lines beside its flag. */
const SHORT = 90
const WIDTH = 80

/**
 * Lets `--help` show the usual options of a command, each in a line or two, and `--help-all` everything.
 * @param usual keys of the schema flags that are shown; other flags always are
 */
export function shortenHelp(command: Command, usual: readonly string[] = RUN_OPTIONS): void {
  if (command.options.filter(option => option instanceof SchemaFlag).length <= SCREENFUL) return
  const rare = (option: Option) => option instanceof SchemaFlag && !usual.includes(option.attributeName())
  let all = false
  command.configureHelp({
    visibleOptions(own) {
      return Help.prototype.visibleOptions.call(this, own).filter(option => all || !rare(option))
    },
    optionDescription(option) {
      const text = Help.prototype.optionDescription.call(this, option)
      return all || !(option instanceof SchemaFlag) ? text : shortened(text)
    },
    // one list, without headings
    groupItems<T extends Command | Option>(unsorted: T[], visible: T[], groupOf: (item: T) => string) {
      const short = !all && visible.length > 0 && visible[0] instanceof Option
      return Help.prototype.groupItems(unsorted, visible, short ? () => 'Options:' : groupOf) as Map<string, T[]>
    },
  })
  command.addOption(new Option('--help-all').hideHelp()).on('option:help-all', () => {
    all = true
    command.help()
  })
  command.addHelpText('after', () => (all ? '' : `\nAll options: ${pathOf(command)} --help-all`))
}

/** Adds the examples of a command to the end of its help. */
export function addExamples(command: Command): void {
  const path = pathOf(command)
  const examples = EXAMPLES[path.replace(/^dualtree /, '')]
  if (!examples) return
  const lines = examples.map(([line, what]) => `${wrapped(`  ${path} ${line}`.trimEnd(), ' \\')}\n      # ${what}`)
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}

/** Lines of a page of help; those after the first are indented further. */
export const wrapped = (text: string, end = '') => wrapText(text, WIDTH, '    ', end)

/** "dualtree judge plan" */
function pathOf(command: Command): string {
  const { parent } = command
  return parent ? `${pathOf(parent)} ${command.name()}` : command.name()
}

/** The first statement of a description without what is in brackets, and a short default. */
function shortened(text: string): string {
  const standard = /\(default ("[^"]*"|\[[^\]]*\]|[^;)]+)[^()]*\)$/.exec(text)?.[1].replaceAll(/[[\]"]/g, '') ?? ''
  const first = text.replaceAll(/ (\([^()]*\)|\[[^[\]]*\])/g, '').split(/; |: /)[0]
  const cut = first.length > SHORT ? `${first.slice(0, first.lastIndexOf(' ', SHORT))} …` : first
  return standard === '' || standard === 'false' || standard.length > 40 ? cut : `${cut} (default ${standard})`
}
