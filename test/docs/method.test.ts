import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runToy } from '../../examples/toy-trees.ts'
import { blocksIn } from '../../scripts/tasks/docs/method.ts'

const DOCS = join(import.meta.dirname, '../../docs')
const doc = readFileSync(join(DOCS, 'guide/method.md'), 'utf8')
const toy = await runToy()

describe('docs/guide/method.md says what examples/toy-trees.ts prints', () => {
  it('the toy gives the same again', async () => {
    expect(await runToy()).toEqual(toy)
  })

  it('its blocks are sections of the output, each once', () => {
    const blocks = blocksIn(doc)
    expect(blocks.length).toBeGreaterThan(2)
    expect(new Set(blocks).size).toBe(blocks.length)
    expect(blocks.filter(heading => !(heading in toy.sections))).toEqual([])
  })

  it('numbers and codes in the words about the toy are among those it prints', () => {
    const printed = Object.values(toy.sections).join('\n')
    const words = doc.split('\n\n').filter(paragraph => /^(\*\*Toy\.\*\*|By hand)/.test(paragraph))
    const said = words.flatMap(paragraph => paragraph.match(/\d+\.\d{2,}|\b\d(-\d)+\b/g) ?? [])
    expect(said.length).toBeGreaterThan(10)
    expect(said.filter(value => !printed.includes(value))).toEqual([])
  })
})

it('links of the docs lead somewhere', () => {
  const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.md'))
  const files = [...pages.map(path => `docs/${path}`), 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
  const root = join(DOCS, '..')
  const broken = files.flatMap(file => {
    const text = readFileSync(join(root, file), 'utf8')
    const links = Array.from(text.matchAll(/\]\(((?!https?:)[^)]+)\)/g), match => match[1])
    return links.filter(link => !leadsSomewhere(root, file, text, link)).map(link => `${file} → ${link}`)
  })
  expect(broken).toEqual([])
})

function leadsSomewhere(root: string, file: string, text: string, link: string): boolean {
  const [path, anchor] = link.split('#')
  try {
    const target = path ? readFileSync(join(root, file, '..', path), 'utf8') : text
    return anchor === undefined || anchorsOf(target).includes(anchor)
  } catch {
    return false
  }
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  const headings = Array.from(text.matchAll(/^#+ (.+)$/gm), match => match[1])
  return headings.map(heading =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )
}
