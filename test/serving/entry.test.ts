import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SOURCE = resolve(import.meta.dirname, '../../src')

/** Files that importing a file reads, itself included; imports of types alone read none. */
function readBy(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found
  found.add(path)
  const text = readFileSync(path, 'utf8')
  for (const [, clause, target] of text.matchAll(
    /^(?:import|export)\s+(?!type\b)([^'"]*?)\s*from\s*['"](\.[^'"]+)['"]/gm,
  ))
    if (!/^\{(\s*type \w+,?)+\s*\}$/.test(clause)) readBy(join(dirname(path), target), found)
  return found
}

describe('dualtree/serve', () => {
  it('reads nothing of what trains, judges, evaluates or reads tables', () => {
    const files = [...readBy(join(SOURCE, 'serving/index.ts'))].map(path => relative(SOURCE, path))
    expect(files).toContain('kernels/wasm/wasm.ts')
    const heavy = files.filter(path =>
      /^(training|samplers|judges|enhance|evaluation|run|report|cli)\/|duckdb|dataset\/(load|read|store|table)/.test(
        path,
      ),
    )
    expect(heavy).toEqual([])
    const outside = files.flatMap(path =>
      [...readFileSync(join(SOURCE, path), 'utf8').matchAll(/^import .*from '([^.'][^']*)'/gm)].map(([, name]) => name),
    )
    expect([...new Set(outside.filter(name => !name.startsWith('node:')))]).toEqual(['zod'])
  })
})
