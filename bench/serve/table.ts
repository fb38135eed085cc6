/** Figures of the server as rows, the same on the terminal and in the docs. */
import type { Table } from '../tables.ts'
import type { Figure } from './http.ts'

export interface ServeResults {
  readonly dualtree: string
  readonly node: string
  readonly cpu: string
  readonly data: string
  readonly hash: string
  readonly model: string
  readonly figures: readonly Figure[]
}

export function serveTable({ figures }: Pick<ServeResults, 'figures'>): Table {
  return {
    header: ['', 'measured', 'target', 'reached', 'CPU used by others'],
    rows: figures.map(({ name, value, unit, target, reached, others }) => [
      name,
      `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`,
      target,
      target === '' ? '' : reached ? 'yes' : 'no',
      others.toFixed(2),
    ]),
  }
}

export const serveTitle = ({ dualtree, node, cpu, data, hash, model }: ServeResults) =>
  `dualtree ${dualtree}, Node ${node}, ${cpu}; ${data}, data hash \`${hash.slice(0, 12)}\`, model ${model}.`
