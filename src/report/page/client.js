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
    // not on the picture itself: Chromium makes a stop of any SVG that listens for focus
    svg.parentElement.addEventListener('focusin', event => event.target.matches('rect') && show(event.target))
    svg.addEventListener('pointerover', event => event.target.matches('rect') && show(event.target))
    svg.addEventListener('click', event => event.target.matches('rect') && go(event.target))
  }

  // Inspector -------------------------------------------------------------------------------------------------------

  const inspect = (root, { verdicts, items, users, ranked }) => {
    const input = find('input', root)
    const select = find('select', root)
    const [candidateRows, historyRows] = ['candidates', 'history'].map(name => find(`.${name} tbody`, root))
    /** "in test", "in test, rank 3"; undefined for what was not held out */
    const partOf = ([, , , , heldOut], item) => {
      const held = heldOut.find(([own]) => own === item)
      return held && `in ${held[1]}${held[2] ? `, rank ${held[2]}` : ''}`
    }
    const has = (user, positive) =>
      user[3].some(([item, verdict]) => partOf(user, item) && (verdict === 0) === positive)
    const filters = { all: () => true, found: user => has(user, true), missed: user => has(user, false) }
    let chosen = []
    let current = users[0]

    /** A code, with the steps that it shares with that of an item of the history marked. */
    const code = (text, [steps, other] = [0]) => {
      const parts = text.split('-')
      const [shared, rest] = [parts.slice(0, steps).join('-'), parts.slice(steps).join('-')]
      const marked = [shared && element('mark', {}, shared), shared && rest && '-', rest]
      const near = shared !== '' && element('small', {}, ` as ${items[other][4] ?? items[other][0]}`)
      return element('td', {}, text ? element('code', {}, marked.filter(Boolean)) : '–', near)
    }
    const figure = text => element('td', { class: 'numeric' }, text)
    /** The title, and behind it the id; the id where there is none. */
    const nameOf = item => (items[item][4] ? `${items[item][4]} (${items[item][0]})` : String(items[item][0]))
    /** Where rows are stacked, a cell stands behind the title of its column. */
    const label = (row, body) => {
      const titles = body.parentElement.tHead.rows[0].cells
      for (const cell of row.cells) if (cell.tagName === 'TD') cell.dataset.label = titles[cell.cellIndex].textContent
      return row
    }
    const heading = item => element('th', { scope: 'row' }, element('bdi', {}, nameOf(item)))

    const candidateRow = ([item, verdict, confidence, nearest]) => {
      const part = partOf(current, item)
      const word = element('span', { class: `verdict ${verdicts[verdict]}` }, verdicts[verdict])
      const row = element('tr', part ? { class: 'hit' } : {}, heading(item))
      row.append(...nearest.map((near, view) => code(items[item][1 + view], near)))
      row.append(element('td', {}, word), figure(confidence.toFixed(2)), element('td', {}, part ?? ''))
      label(row, candidateRows)
      const light = on => {
        for (const history of historyRows.rows)
          history.classList.toggle('near', on && nearest.some(([, other]) => String(other) === history.dataset.item))
      }
      row.addEventListener('pointerenter', () => light(true))
      row.addEventListener('pointerleave', () => light(false))
      return row
    }
    const historyRow = item => {
      const [, structural, semantic, interactions] = items[item]
      const cells = [heading(item), code(structural), code(semantic), figure(interactions.toLocaleString('en'))]
      return label(element('tr', { 'data-item': item }, cells), historyRows)
    }

    /** Of the part that the lists are for: what is held out elsewhere may be masked in them. */
    const describeRanks = (heldOut, method, k, part) => {
      const own = heldOut.filter(([, ofPart]) => ofPart === part)
      if (own.length === 0) return ` None is in ${part}, which the list of ${method} is for.`
      return ` ${method} has ${own.filter(([, , rank]) => rank).length} of the ${own.length} in ${part} among its first ${k}.`
    }

    const describe = ([id, history, historyLength, candidates, heldOut]) => {
      const positives = candidates.filter(([, verdict]) => verdict === 0).length
      const hits = candidates.filter(([item]) => partOf(current, item))
      const found = hits.filter(([, verdict]) => verdict === 0).length
      const more = historyLength > history.length ? ` (the first ${history.length} below)` : ''
      const others = heldOut.filter(([item]) => !candidates.some(([own]) => own === item))
      const missing = others.map(([item]) => `${nameOf(item)} (${partOf(current, item)})`).join(', ')
      const listed = ranked && heldOut.length > 0 && describeRanks(heldOut, ...ranked)
      return [
        element('strong', {}, `User ${id}`),
        `: ${historyLength} in the history${more}, ${candidates.length} candidates, ${positives} judged positive. `,
        heldOut.length === 0
          ? 'Nothing of this user was held out.'
          : `Of ${heldOut.length} held-out items, ${hits.length} are among the candidates and ${found} judged positive`,
        heldOut.length > 0 && (missing ? `; not among the candidates: ${missing}.` : '.'),
        listed,
      ]
    }

    const show = user => {
      current = user
      const [id, history, , candidates, , answer] = user
      input.value = id
      candidateRows.replaceChildren(...candidates.map(candidateRow))
      historyRows.replaceChildren(...history.map(historyRow))
      find('.inspected', root).replaceChildren(...describe(user).filter(Boolean))
      find('.answer', root).hidden = answer === undefined || answer === null
      find('.answer pre', root).textContent = answer ?? ''
      find('.place', root).textContent = `${chosen.indexOf(user) + 1} of ${chosen.length}`
    }
    const choose = () => {
      chosen = users.filter(filters[select.value])
      find('datalist', root).replaceChildren(...chosen.map(([id]) => element('option', { value: id })))
      for (const button of all('.controls button', root)) button.disabled = chosen.length < 2
      if (chosen.length > 0) return show(chosen.includes(current) ? current : chosen[0])
      for (const rows of [candidateRows, historyRows]) rows.replaceChildren()
      find('.inspected', root).textContent = 'There is no such user in this file.'
      find('.place', root).textContent = ''
    }
    const seek = () => {
      const wanted = input.value.trim()
      const user = chosen.find(([id]) => String(id) === wanted) ?? chosen.find(([id]) => String(id).includes(wanted))
      if (user) show(user)
      else find('.inspected', root).textContent = `No user “${wanted}” among the ${chosen.length} to choose from.`
    }
    select.addEventListener('change', choose)
    input.addEventListener('change', seek)
    for (const button of all('.controls button', root))
      button.addEventListener('click', () => {
        const next = chosen.indexOf(current) + Number(button.value)
        show(chosen[(next + chosen.length) % chosen.length])
      })
    root.hidden = false
    choose()
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
  const inspected = find('#inspector-data')
  if (inspected) inspect(find('.inspector'), JSON.parse(inspected.textContent))
})()
