import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SOURCE = resolve(import.meta.dirname, '../src')
/** In order: a layer imports only from itself and from those above it. */
const LAYERS = [
  'base',
  'kernels',
  'dataset',
  'models',
  'trees',
  'samplers',
  'objectives',
  'training',
  'metrics',
  'evaluation',
  'judges',
  'enhance',
  'pipeline',
  'report',
  'studies',
  'sweeps',
  'serving',
  'cli',
]

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.ts') && !path.startsWith('kernels/assembly'))
  .map(path => ({ path, text: readFileSync(join(SOURCE, path), 'utf8') }))

const layerOf = (path: string) => (path.includes('/') ? path.split('/')[0] : path === 'index.ts' ? 'cli' : 'base')

/** Every import of a file of the project, as paths below src. Types count too: they say who knows whom. */
function importsOf({ path, text }: (typeof files)[number]): string[] {
  const found = [...text.matchAll(/from '(\.[^']+)'|import\('(\.[^']+)'\)/g)].map(match => match[1] ?? match[2])
  return found.map(target => relative(SOURCE, resolve(join(SOURCE, path, '..'), target)))
}

describe('layers', () => {
  it('every folder is a known layer', () => {
    expect(files.filter(({ path }) => !LAYERS.includes(layerOf(path))).map(({ path }) => path)).toEqual([])
  })

  it('imports go only to the same layer or to one above', () => {
    const wrong = files.flatMap(file =>
      importsOf(file)
        .filter(target => LAYERS.indexOf(layerOf(target)) > LAYERS.indexOf(layerOf(file.path)))
        .map(target => `${file.path} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('only evaluation, and the store that writes what was held out, open a Truth', () => {
    const openers = files.filter(({ text }) => /\bopenTruth\b/.test(text)).map(({ path }) => path)
    const allowed = openers.filter(
      path => layerOf(path) === 'evaluation' || ['dataset/truth.ts', 'dataset/store.ts'].includes(path),
    )
    expect(openers).toEqual(allowed)
    expect(openers).toContain('evaluation/evaluate.ts')
  })

  it('no file uses Math.random, the clock, or a default seed', () => {
    const offenders = files
      .filter(({ text }) => /Math\.random|Date\.now|new Date\(\)/.test(text))
      .map(({ path }) => path)
    expect(offenders).toEqual([])
  })
})
