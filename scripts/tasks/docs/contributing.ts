/**
 * Fills the examples of CONTRIBUTING.md from test/docs/parts. A block between
 * `<!-- code: hinge.ts as src/objectives/hinge.ts -->` and `<!-- /code -->` holds that file, its imports as from there.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')
const PARTS = join(ROOT, 'test/docs/parts')
const BLOCK = /<!-- code: (\S+) as (\S+) -->\n[\s\S]*?\n?<!-- \/code -->/g

/** `text` with every marked block filled. */
export function fillExamples(text: string): string {
  return text.replace(BLOCK, (_, name: string, home: string) => {
    const code = readFileSync(join(PARTS, name), 'utf8').replace(
      /from '(\.[^']+)'/g,
      (_, target: string) => `from '${importFrom(home, target)}'`,
    )
    return `<!-- code: ${name} as ${home} -->\n\n\`\`\`ts\n${code}\`\`\`\n\n<!-- /code -->`
  })
}

function importFrom(home: string, target: string): string {
  const path = relative(dirname(join(ROOT, home)), join(PARTS, target)).replaceAll('\\', '/')
  return path.startsWith('.') ? path : `./${path}`
}
