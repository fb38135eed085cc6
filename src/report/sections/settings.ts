/** Every option, and the machine: values of any shape, each on a line of its own. */
import { bytes } from '../../numbers.ts'
import type { ReportData } from '../gather/data.ts'
import { type Html, html } from '../page/html.ts'

type Entry = readonly [name: string, value: string]

export function optionsSection(options: ReportData['options']): Html {
  const groups = Object.entries(options)
  if (groups.length === 0) return html`<p>There were no options.</p>`
  return html`<div class="groups">${groups.map(([title, group]) => {
    const entries = entriesOf(group)
    return html`<section>
<h3>${inWords(title)}</h3>
${entries.length > 0 ? settings(entries) : html`<p>none</p>`}
</section>\n`
  })}</div>`
}

export function environmentSection(environment: ReportData['environment']): Html {
  const entries = Object.entries(environment)
  if (entries.length === 0) return html`<p>Nothing is known of the environment.</p>`
  return settings(
    entries.map(([name, value]) => [name, name.endsWith('Bytes') ? bytes(Number(value)) : optionValue(value)]),
  )
}

function settings(entries: readonly Entry[]): Html {
  return html`<dl class="options">${entries.map(
    ([name, value]) => html`<div><dt><code>${name}</code></dt> <dd>${value}</dd></div>\n`,
  )}</dl>`
}

/**
 * A group as lines. A part's options (`{ name, options }`) follow its name; those of several parts carry it:
 * `ease.regularization`.
 */
function entriesOf(group: unknown): readonly Entry[] {
  if (Array.isArray(group)) {
    return group.flatMap((part, index): readonly Entry[] => {
      if (!isPart(part)) return linesOf(part, String(index + 1))
      const own = linesOf(part.options, part.name)
      return own.length > 0 ? own : [[part.name, 'no options']]
    })
  }
  if (isPart(group)) return [['name', group.name], ...linesOf(group.options, '')]
  return linesOf(group, '')
}

/** Objects within objects, with a dot between the names. */
function linesOf(value: unknown, path: string): readonly Entry[] {
  if (!isRecord(value)) return [[path, optionValue(value)]]
  return Object.entries(value).flatMap(([name, inner]) => linesOf(inner, path ? `${path}.${name}` : name))
}

function optionValue(value: unknown): string {
  if (value === undefined || value === null) return 'not given'
  if (value === '') return '""'
  if (Array.isArray(value)) return value.length > 0 ? value.map(optionValue).join(', ') : 'none'
  if (isPart(value)) return value.name
  return isRecord(value) ? JSON.stringify(value) : String(value)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPart = (value: unknown): value is { name: string; options: Record<string, unknown> } =>
  isRecord(value) && typeof value.name === 'string' && isRecord(value.options) && Object.keys(value).length === 2

/** baseSampler → Base sampler */
function inWords(title: string): string {
  const words = title.replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
