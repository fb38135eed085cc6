/** The script of a report: plain JavaScript for browsers, put into the page as it is. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCES = join(import.meta.dirname, 'client')
/** Each after those that it imports from. */
const PARTS = ['helpers', 'copy', 'icicle', 'inspector', 'main']

/** The parts of `client/` as one script; scripts/build.ts puts it beside the bundle. */
export function readScript(): string {
  if (!existsSync(SOURCES)) return readFileSync(join(import.meta.dirname, 'client.js'), 'utf8')
  const parts = PARTS.map(name => readFileSync(join(SOURCES, `${name}.js`), 'utf8'))
  return `;(() => {\n${parts.map(text => text.replace(/^import .*\n/gm, '').replace(/^export /gm, '')).join('\n')}})()\n`
}
