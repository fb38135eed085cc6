import type { Command } from 'commander'
import { leakageFiles, leakageOptions } from '../../leakage/data.ts'
import type { LeakageReport } from '../../leakage/leakage.ts'
import { describeOptions } from '../../options.ts'
import { addSchemaFlags, flagOf, givenOf } from '../shared/flags.ts'
import { wrapped } from '../shared/help.ts'
import { type SessionFlags, show } from '../shared/session.ts'
import { outputWidth, wrapText } from '../shared/table.ts'

export function configure(command: Command): void {
  for (const option of describeOptions(leakageFiles)) {
    const flag = flagOf(option, '<file>')
    command.addOption(['train', 'test'].includes(option.name) ? flag.makeOptionMandatory() : flag)
  }
  addSchemaFlags(command, leakageOptions)
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      `\n${wrapped('One verdict per line: ok, note, leak, fault (the files do not belong together) or skipped. Exit code 1 when there is a leak or a fault.')}`,
    )
    .action(async (flags: SessionFlags) => {
      const files = givenOf(leakageFiles, flags) as { train: string; test: string }
      const { auditLeakage } = await import('../../leakage/leakage.ts')
      const audit = await auditLeakage(files, givenOf(leakageOptions, flags))
      show({ text: format(audit), json: audit }, flags)
      if (audit.failed) process.exitCode = 1
    })
}

function format({ findings, decisions }: LeakageReport): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const indent = ' '.repeat(7 + 2 + width + 2)
  const lines = findings.map(
    ({ verdict, check, text }) =>
      `${verdict.padEnd(7)}  ${check.padEnd(width)}  ${wrapText(text, outputWidth() - indent.length).replaceAll('\n', `\n${indent}`)}`,
  )
  const count = (verdict: string) => findings.filter(finding => finding.verdict === verdict).length
  const [leaks, faults] = [count('leak'), count('fault')]
  const sum = faults
    ? 'The files do not belong together: the other verdicts mean nothing before that is mended.'
    : leaks
      ? `${leaks} of ${findings.length} checks found held-out data where it must not be.`
      : 'No trace of a leak. That is not a proof: a judge that was tuned on test, say, leaves none in these files.'
  // of columns that are not used, an audit has no use for those of ratings, times and events
  const read = decisions.map(sentence => sentence.replace(/; not used: .*\.$/s, '.'))
  return [...lines, '', wrapText(sum), '', 'How the files were read:', wrapText(read.join('\n'))].join('\n')
}
