/*
 * The script of a report. The page is whole without it, but for the inspector: it adds what needs a hand, and loads
 * nothing. No library; text from the data enters the page as text nodes only.
 */
;(() => {
  const find = (selector, root = document) => root.querySelector(selector)
  const all = (selector, root = document) => [...root.querySelectorAll(selector)]

  /** element('td', { class: 'numeric' }, 'text', node, …) */
  const element = (name, attributes = {}, ...content) => {
    const made = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
    made.append(...content.flat().filter(part => part !== undefined && part !== false))
    return made
  }

  const status = find('#status')
  /** Read aloud, the same words twice too. */
  const say = words => {
    status.textContent = ''
    setTimeout(() => {
      status.textContent = words
    }, 50)
  }

  // Copying tables ------------------------------------------------------------------------------------------------

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
  }

  const toLatex = ({ caption, head, body }) => {
    const quote = text => text.replace(/[\\~^–×±−≥≤&%#_${}]/g, mark => LATEX[mark] ?? `\\${mark}`)
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

  const addCopyButtons = table => {
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

  // Trees -----------------------------------------------------------------------------------------------------------

  const levelOf = box => Number(box.getAttribute('y'))

  /** One stop of the Tab key; the arrow keys go to parent, first child and neighbours of the same level. */
  const enliven = svg => {
    const boxes = all('rect', svg)
    if (boxes.length === 0) return
    const words = find('.branch', svg.parentElement)
    const levels = [...new Set(boxes.map(levelOf))].sort((a, b) => a - b)
    words.hidden = false
    svg.setAttribute('role', 'tree')
    for (const box of boxes) {
      box.setAttribute('role', 'treeitem')
      box.setAttribute('tabindex', '-1')
      box.setAttribute('aria-level', levels.indexOf(levelOf(box)) + 1)
      // as a label it is read aloud all the same, and does not cover what is shown below
      box.setAttribute('aria-label', find('title', box).textContent)
      find('title', box).remove()
    }
    boxes[0].setAttribute('tabindex', '0')

    const show = box => {
      const [name, ...more] = box.getAttribute('aria-label').split('\n')
      words.replaceChildren(element('strong', {}, name), ...more.map(line => element('span', {}, line)))
    }
    const go = box => {
      if (!box) return
      find('[tabindex="0"]', svg).setAttribute('tabindex', '-1')
      box.setAttribute('tabindex', '0')
      box.focus()
    }
    const targets = {
      ArrowUp: (at, level) => boxes.slice(0, at).findLast(box => levelOf(box) < level),
      ArrowDown: (at, level) => boxes.slice(at + 1, at + 2).find(box => levelOf(box) > level),
      ArrowLeft: (at, level) => boxes.slice(0, at).findLast(box => levelOf(box) === level),
      ArrowRight: (at, level) => boxes.slice(at + 1).find(box => levelOf(box) === level),
      Home: (_, level) => boxes.find(box => levelOf(box) === level),
      End: (_, level) => boxes.findLast(box => levelOf(box) === level),
    }
    svg.addEventListener('keydown', event => {
      const target = targets[event.key]
      if (!target || event.ctrlKey || event.altKey || event.metaKey) return
      event.preventDefault()
      go(target(boxes.indexOf(event.target), levelOf(event.target)))
    })
    svg.addEventListener('focusin', event => show(event.target))
    svg.addEventListener('pointerover', event => event.target.matches('rect') && show(event.target))
    svg.addEventListener('click', event => event.target.matches('rect') && go(event.target))
  }

  // What was folded away belongs on paper ---------------------------------------------------------------------------

  let closed = []
  addEventListener('beforeprint', () => {
    closed = all('details:not([open])')
    for (const part of closed) part.open = true
  })
  addEventListener('afterprint', () => {
    for (const part of closed) part.open = false
  })

  for (const table of all('table')) addCopyButtons(table)
  for (const svg of all('.icicle')) enliven(svg)
})()
