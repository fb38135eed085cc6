/** A finished run of `writeSmallData` with QUICK, made once per process of tests: files copy it in place of a run of their own. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QUICK, runHere, writeSmallData } from './cli.ts'

let made: Promise<string> | undefined

async function makeRun(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'dualtree-test-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  const { code, stderr } = await runHere(['run', writeSmallData(directory), '--out', join(directory, 'run'), ...QUICK])
  if (code !== 0) throw new Error(`the run that tests copy failed: ${stderr}`)
  return directory
}

/** @returns the data of the run, which is at `out` then; with the same data and QUICK, each of its stages is reused */
export async function copyQuickRun(out: string): Promise<string> {
  made ??= makeRun()
  const directory = await made
  cpSync(join(directory, 'run'), out, { recursive: true })
  return join(directory, 'input')
}
