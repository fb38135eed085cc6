/**
 * Brings docs/guide/method.md and its pictures up to what examples/toy-trees.ts prints.
 * A block between `<!-- toy: codes -->` and `<!-- /toy -->` holds the section of that heading.
 */
import { GROUPS, type Toy, type ToyNode } from '../../../examples/toy-trees.ts'

const BLOCK = /<!-- toy: ([^>]+?) -->\n[\s\S]*?\n?<!-- \/toy -->/g

/** `text` with every marked block filled, as preformatted text; tables without their rules. */
export function fillBlocks(text: string, { sections }: Toy): string {
  return text.replace(BLOCK, (_, heading: string) => {
    const content = sections[heading]
    if (content === undefined)
      throw new Error(`no section "${heading}" in the toy: there are ${Object.keys(sections).join(', ')}`)
    return `<!-- toy: ${heading} -->\n\n\`\`\`text\n${withoutRules(content)}\n\`\`\`\n\n<!-- /toy -->`
  })
}

function withoutRules(table: string): string {
  const rows = table.split('\n').filter(line => !/^\|[-|]+$/.test(line))
  return rows.map(row => row.replace(/^\| ?/, '').replace(/ *\|$/, '').replaceAll('|', ' ')).join('\n')
}

/** Headings of the marked blocks, in their order. */
export function blocksIn(text: string): string[] {
  return Array.from(text.matchAll(BLOCK), match => match[1])
}

/** Pixels. */
const LEAF = { width: 96, gap: 16, header: 26, item: 24 }
const LEVEL = 78
const INNER = { width: 104, height: 30 }
const MARGIN = 12

/** Fills light enough for dark letters, whatever is behind the picture; lines of a grey that both grounds bear. */
const STYLE = `text { font: 13px system-ui, sans-serif; fill: #1f2328; text-anchor: middle }
.code { font: 600 13px ui-monospace, monospace }
.edge { fill: none; stroke: #656d76; stroke-width: 1.5 }
.inner, .leaf { fill: #f6f8fa; stroke: #656d76 }
.step { fill: #656d76 }
.step + text { font: 600 11px ui-monospace, monospace; fill: #ffffff }
.running { fill: #cfe2ff }
.swimming { fill: #c6efe3 }
.climbing { fill: #ffdcb8 }`

interface Place {
  readonly node: ToyNode
  /** of the middle */
  readonly x: number
  /** of the upper edge */
  readonly y: number
  readonly children: readonly Place[]
}

/** A tree as a picture, the root on top; items are coloured by the group that they were made in. */
export function treePicture(root: ToyNode, title: string): string {
  let leaves = 0
  const place = (node: ToyNode, depth: number): Place => {
    const children = node.children.map(child => place(child, depth + 1))
    const x = children.length
      ? (children[0].x + children[children.length - 1].x) / 2
      : MARGIN + LEAF.width / 2 + leaves++ * (LEAF.width + LEAF.gap)
    return { node, x, y: MARGIN + depth * LEVEL, children }
  }
  const top = place(root, 0)
  const all: Place[] = []
  const collect = (one: Place) => {
    all.push(one)
    one.children.forEach(collect)
  }
  collect(top)
  const width = 2 * MARGIN + leaves * LEAF.width + (leaves - 1) * LEAF.gap
  const height = MARGIN + Math.max(...all.map(one => one.y + heightOf(one)))
  const shapes = [...all.flatMap(edges), ...all.flatMap(box)]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">
<title>${title}</title>
<style>
${STYLE}
</style>
${shapes.join('\n')}
</svg>
`
}

const heightOf = ({ node, children }: Place) =>
  children.length ? INNER.height : LEAF.header + node.items.length * LEAF.item + 6

/** A line to each child, and on it the number of the child. */
function edges({ x, y, children }: Place): string[] {
  const from = y + INNER.height
  return children.flatMap((child, step) => {
    const [middleX, middleY] = [(x + child.x) / 2, (from + child.y) / 2]
    return [
      `<path class="edge" d="M${x} ${from} L${child.x} ${child.y}"/>`,
      `<circle class="step" cx="${middleX}" cy="${middleY}" r="9"/><text x="${middleX}" y="${middleY + 4}">${step}</text>`,
    ]
  })
}

function box(place: Place): string[] {
  const { node, x, y, children } = place
  if (children.length) {
    const label = node.code
      ? `<tspan class="code">${node.code}</tspan> · ${node.items.length} items`
      : `${node.items.length} items`
    return [
      `<rect class="inner" x="${x - INNER.width / 2}" y="${y}" width="${INNER.width}" height="${INNER.height}" rx="15"/>`,
      `<text x="${x}" y="${y + 20}">${label}</text>`,
    ]
  }
  const left = x - LEAF.width / 2
  return [
    `<rect class="leaf" x="${left}" y="${y}" width="${LEAF.width}" height="${heightOf(place)}" rx="5"/>`,
    `<text class="code" x="${x}" y="${y + 18}">${node.code}</text>`,
    ...node.items.flatMap((item, row) => {
      const at = y + LEAF.header + row * LEAF.item
      return [
        `<rect class="${groupOf(item)}" x="${left + 6}" y="${at}" width="${LEAF.width - 12}" height="${LEAF.item - 4}" rx="3"/>`,
        `<text x="${x}" y="${at + 14}">${item}</text>`,
      ]
    }),
  ]
}

const groupOf = (item: string) => Object.entries(GROUPS).find(([, items]) => items.includes(item))![0]

/** Every file that is made from the toy, by its path below docs. */
export function methodFiles(toy: Toy, doc: string): Record<string, string> {
  return {
    'guide/method.md': fillBlocks(doc, toy),
    'images/structural-tree.svg': treePicture(toy.trees.structural, 'The structural tree of the toy catalogue'),
    'images/semantic-tree.svg': treePicture(toy.trees.semantic, 'The semantic tree of the toy catalogue'),
  }
}
