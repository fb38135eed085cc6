/** What a run leaves behind, as hashes. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../src/files.ts'

/** SHA-256 of every artifact of a run; timings and logs are left out. */
export function hashArtifacts(run: string): Record<string, string> {
  const hashes: Record<string, string> = {}
  for (const stage of readdirSync(run).sort()) {
    if (!statSync(join(run, stage)).isDirectory()) continue
    for (const file of readdirSync(join(run, stage)).sort())
      if (file !== 'manifest.json') hashes[`${stage}/${file}`] = sha256(readFileSync(join(run, stage, file)))
  }
  return hashes
}
