// Tables are copied as LaTeX, Markdown or CSV.
import { all, element, find, say } from './helpers.js'

const clean = text => text.replace(/\s+/g, ' ').trim()

/** What a cell says, without what is there for ears or for eyes alone. */
const textOf = cell => {
  const copy = cell.cloneNode(true)
  for (const part of all('.hidden, [aria-hidden], button', copy)) part.remove()
  return clean(copy.textContent)
}

/** Rows of cells { text, span, best, numeric } as they stand, cells that reach down repeated as empty ones. */
const readRows = rows => {
  const hanging = []
  return rows.map(row => {
    const cells = []
    const fill = () => {
      while (hanging[cells.length] > 0) {
        hanging[cells.length]--
        cells.push({ text: '', span: 1 })
      }
    }
    for (const cell of row.cells) {
      fill()
      if (cell.rowSpan > 1) hanging[cells.length] = cell.rowSpan - 1
      const numeric = cell.classList.contains('numeric')
      cells.push({ text: textOf(cell), span: cell.colSpan, best: find('.best', cell) !== null, numeric })
      for (let more = 1; more < cell.colSpan; more++) cells.push(undefined)
    }
    fill()
    return cells
  })
}

/** Columns that only show a bar have neither title nor text, and are left out. */
const readTable = table => {
  const head = readRows([...table.tHead.rows])
  const body = readRows([...table.tBodies, table.tFoot].flatMap(part => (part ? [...part.rows] : [])))
  const rows = [...head, ...body]
  const kept = [...Array(Math.max(...rows.map(row => row.length))).keys()].filter(at =>
    rows.some(row => row[at] === undefined || row[at].text !== ''),
  )
  const pick = row => kept.map(at => row[at])
  return { caption: textOf(table.caption), head: head.map(pick), body: body.map(pick) }
}

/** One row of headings for formats that have one: "At 20 Recall". */
const flatHead = head =>
  head[0].map((_, at) => {
    const words = head.map(row => {
      let from = at
      while (row[from] === undefined) from--
      return row[from].text
    })
    return words.filter(Boolean).join(' ')
  })

const plain = row => row.map(cell => cell?.text ?? '')

const toCsv = ({ head, body }) => {
  const quote = text => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  return [flatHead(head), ...body.map(plain)].map(row => `${row.map(quote).join(',')}\n`).join('')
}

const toMarkdown = ({ head, body }) => {
  const quote = text => text.replace(/[\\|*_`<[\]]/g, '\\$&')
  const cell = own => (own?.best ? `**${quote(own.text)}**` : quote(own?.text ?? ''))
  const rule = body[0]?.map(own => (own?.numeric ? '---:' : '---')) ?? head[0].map(() => '---')
  const lines = [flatHead(head).map(quote), rule, ...body.map(row => row.map(cell))]
  return lines.map(row => `| ${row.join(' | ')} |\n`).join('')
}

const LATEX = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '–': '--',
  '×': '$\\times$',
  '±': '$\\pm$',
  '−': '$-$',
  '≥': '$\\geq$',
  '≤': '$\\leq$',
  '<': '$<$',
  '>': '$>$',
  '|': '$|$',
  '"': "''",
  '→': '$\\to$',
  '★': '$\\star$',
  '←': '$\\gets$',
  '…': '\\dots{}',
  '³': '$^3$',
  α: '$\\alpha$',
  β: '$\\beta$',
  κ: '$\\kappa$',
  '\u00a0': '~',
}

const toLatex = ({ caption, head, body }) => {
  const quote = text => text.replace(/[\\~^–×±−≥≤<>|"→★←…³αβκ\u00a0&%#_${}]/g, mark => LATEX[mark] ?? `\\${mark}`)
  const cell = own => {
    const text = own.best ? `\\textbf{${quote(own.text)}}` : quote(own.text)
    return own.span > 1 ? `\\multicolumn{${own.span}}{c}{${text}}` : text
  }
  const line = row => `${row.filter(Boolean).map(cell).join(' & ')} \\\\\n`
  const columns = body.find(row => !row.includes(undefined)) ?? head[0]
  const alignment = columns.map(own => (own?.numeric ? 'r' : 'l')).join('')
  return `% needs \\usepackage{booktabs}
\\begin{table}
\\caption{${quote(caption)}}
\\begin{tabular}{${alignment}}
\\toprule
${head.map(line).join('')}\\midrule
${body.map(line).join('')}\\bottomrule
\\end{tabular}
\\end{table}
`
}

const FORMATS = { LaTeX: toLatex, Markdown: toMarkdown, CSV: toCsv }

/** The clipboard is there for https, localhost and files; elsewhere the older way. */
const copyText = async text => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const back = document.activeElement
    const area = element('textarea', { class: 'hidden', 'aria-hidden': 'true' })
    area.value = text
    document.body.append(area)
    area.select()
    const copied = document.execCommand('copy')
    area.remove()
    back?.focus()
    return copied
  }
}

export const addCopyButtons = table => {
  const bar = element('p', {
    class: 'copy',
    role: 'group',
    'aria-label': `Copy the table “${textOf(table.caption)}”`,
  })
  bar.append('Copy as ')
  for (const [name, write] of Object.entries(FORMATS)) {
    const button = element('button', { type: 'button' }, name)
    button.addEventListener('click', async () => {
      const copied = await copyText(write(readTable(table)))
      say(copied ? `Copied as ${name}` : `The browser does not allow copying`)
      button.textContent = copied ? 'Copied' : 'Not allowed'
      setTimeout(() => {
        button.textContent = name
      }, 1600)
    })
    bar.append(button, ' ')
  }
  ;(table.closest('.scrolling') ?? table).after(bar)
}
