/** The script of a report: one file of plain JavaScript, put into the page as it is. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** For browsers; not bundled, but copied beside the bundle by scripts/build.ts. */
export const readScript = (): string => readFileSync(join(import.meta.dirname, 'client.js'), 'utf8')
