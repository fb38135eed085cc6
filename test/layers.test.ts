import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SOURCE = resolve(import.meta.dirname, '../src')
const CONTRIBUTING = resolve(import.meta.dirname, '../CONTRIBUTING.md')

/** In order: a layer imports only from itself and from those above it. The table in CONTRIBUTING.md is the rule. */
const LAYERS = [...readFileSync(CONTRIBUTING, 'utf8').matchAll(/^\| `([a-z-]+)` \| [^\n]*\|$/gm)]
  .map(([, name]) => name)
  .filter((_name, at, names) => at >= names.indexOf('base') && at <= names.indexOf('cli'))

type Sources = ReadonlyMap<string, string>

const sources: Sources = new Map(
  readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => path.endsWith('.ts') && !path.startsWith('kernels/assembly'))
    .map(path => [path, readFileSync(join(SOURCE, path), 'utf8')]),
)

const layerOf = (path: string) => (path.includes('/') ? path.split('/')[0] : path === 'index.ts' ? 'cli' : 'base')

interface Import {
  /** path below src */
  readonly target: string
  /** of a static import or re-export in braces; `undefined` where all may be used: `*`, a dynamic import */
  readonly names: readonly string[] | undefined
  readonly passedOn: boolean
}

/** By text: a mutant differs from the sources in a file or two. */
const known = new Map<string, Import[]>()

/** Every import of a file of the project. Types count too: they say who knows whom. */
function importsOf(path: string, text: string): Import[] {
  const key = `${path}\n${text}`
  const imports = known.get(key) ?? readImports(path, text)
  known.set(key, imports)
  return imports
}

function readImports(path: string, text: string): Import[] {
  const resolved = (target: string) => posix.join(posix.dirname(path), target)
  const found = [...text.matchAll(/\b(import|export)\s+(?:type\s+)?([^'"]*?)\s*from\s*['"](\.[^'"]+)['"]/g)].map(
    ([, keyword, clause, target]) => ({
      target: resolved(target),
      passedOn: keyword === 'export',
      names: /^\{[^}]*\}$/.test(clause)
        ? clause
            .slice(1, -1)
            .split(',')
            .map(
              name =>
                name
                  .trim()
                  .replace(/^type\s+/, '')
                  .split(/\s+as\s+/)[0],
            )
            .filter(Boolean)
        : undefined,
    }),
  )
  const dynamic = [...text.matchAll(/\bimport\(\s*['"](\.[^'"]+)['"]|\bimport\s+['"](\.[^'"]+)['"]/g)].map(match => ({
    target: resolved(match[1] ?? match[2]),
    names: undefined,
    passedOn: false,
  }))
  return [...found, ...dynamic]
}

/** What may be known of a Truth without opening it. */
const SEALED = ['Truth', 'HeldOut', 'sealTruth']
const STORE = 'dataset/store.ts'
/** Stages that make what is evaluated: all that they may have of the evaluation is a measure of a finished model. */
const BLIND_STAGE = /^run\/stages\/(data|trees|train|candidates|judge)[a-z-]*\.ts$/
const MEASURE = 'evaluation/validation.ts'

/** Who may have what was observed as data, and so ends the choosing: only what runs after the last choice. */
const OBSERVED = 'evaluation/observed.ts'
const AFTER_THE_LAST_CHOICE: Readonly<Record<string, readonly string[]>> = {
  observedBeforeTest: ['run/run-stages.ts', 'comparison/rank-again.ts', 'research/repro/leaderboard/measure.ts'],
  everythingObserved: ['run/fit.ts', 'serving/model/open-run.ts'],
  assertHeldOut: ['evaluation/evaluate.ts'],
}

/** Imports that break a rule, as "importer → target: why". */
function violations(files: Sources): string[] {
  const wrong: string[] = []
  for (const [path, text] of files) {
    const layer = LAYERS.indexOf(layerOf(path))
    if (layer < 0) wrong.push(`${path}: is in no layer`)
    for (const { target, names, passedOn } of importsOf(path, text)) {
      if (LAYERS.indexOf(layerOf(target)) > layer) wrong.push(`${path} → ${target}: a layer below`)
      if (BLIND_STAGE.test(path) && layerOf(target) === 'evaluation' && target !== MEASURE)
        wrong.push(`${path} → ${target}: hands out held-out data`)
      if (target === OBSERVED) {
        const early = names?.filter(name => !AFTER_THE_LAST_CHOICE[name]?.includes(path)) ?? ['*']
        if (early.length > 0) wrong.push(`${path} → ${target}: may not have ${early.join(', ')}`)
      }
      if (target !== 'dataset/truth.ts') continue
      const opens = names === undefined || names.some(name => !SEALED.includes(name))
      if (opens && passedOn) wrong.push(`${path} → ${target}: passes openTruth on`)
      if (opens && layerOf(path) !== 'evaluation' && path !== STORE) wrong.push(`${path} → ${target}: opens a Truth`)
    }
  }
  return wrong
}

/** Circles of imports: for each, the files that import each other, over whatever detours. Types count. */
function circles(files: Sources): string[][] {
  const targets = new Map<string, string[]>()
  for (const [path, text] of files)
    targets.set(
      path,
      importsOf(path, text).flatMap(({ target }) => (files.has(target) ? [target] : [])),
    )
  const found: string[][] = []
  const [order, stack] = [new Map<string, number>(), [] as string[]]
  /** The earliest file on the stack that is reached from this one. @source Tarjan, SIAM J. Comput. 1 (1972) */
  const visit = (path: string): number => {
    const own = order.size
    let earliest = own
    order.set(path, own)
    stack.push(path)
    for (const target of targets.get(path)!)
      if (!order.has(target)) earliest = Math.min(earliest, visit(target))
      else if (stack.includes(target)) earliest = Math.min(earliest, order.get(target)!)
    if (earliest < own) return earliest
    const circle = stack.splice(stack.indexOf(path))
    if (circle.length > 1) found.push(circle.sort())
    return earliest
  }
  for (const path of files.keys()) if (!order.has(path)) visit(path)
  return found
}

/** The sources with lines put on top of one file. */
function mutant(path: string, line: string, more: Readonly<Record<string, string>> = {}): Sources {
  const changed = new Map(sources)
  for (const [file, top] of Object.entries({ [path]: line, ...more })) {
    expect(sources.has(file), file).toBe(true)
    changed.set(file, `${top}\n${sources.get(file)}`)
  }
  return changed
}

describe('layers', () => {
  it('the table of CONTRIBUTING.md has every folder, each once', () => {
    expect(LAYERS.length).toBeGreaterThan(15)
    expect(new Set(LAYERS).size).toBe(LAYERS.length)
  })

  it('imports go only to the same layer or to one above, and only evaluation opens a Truth', () => {
    expect(violations(sources)).toEqual([])
    expect(importsOf('evaluation/evaluate.ts', sources.get('evaluation/evaluate.ts')!)).toContainEqual(
      expect.objectContaining({ target: 'dataset/truth.ts', names: expect.arrayContaining(['openTruth']) }),
    )
  })

  it.each([
    {
      what: 'a judge that asks what was held out',
      files: mutant('judges/prefix.ts', "import { heldOutItems } from '../evaluation/held-out.ts'"),
      refused: ['judges/prefix.ts → evaluation/held-out.ts: a layer below'],
    },
    {
      what: 'candidates that know all that was observed',
      files: mutant('enhance/candidates.ts', "import { observed } from '../evaluation/protocols.ts'"),
      refused: ['enhance/candidates.ts → evaluation/protocols.ts: a layer below'],
    },
    {
      what: 'a type alone, over several lines',
      files: mutant('judges/judge.ts', "import type {\n  HeldOutItem,\n} from '../evaluation/held-out.ts'"),
      refused: ['judges/judge.ts → evaluation/held-out.ts: a layer below'],
    },
    {
      what: 'training that opens a Truth',
      files: mutant('training/trainer.ts', "import { openTruth as open } from '../dataset/truth.ts'"),
      refused: ['training/trainer.ts → dataset/truth.ts: opens a Truth'],
    },
    {
      what: 'a namespace that has everything in it',
      files: mutant('trees/build.ts', "import * as truth from '../dataset/truth.ts'"),
      refused: ['trees/build.ts → dataset/truth.ts: opens a Truth'],
    },
    {
      what: 'a dynamic import',
      files: mutant('samplers/dns.ts', "const truth = await import('../dataset/truth.ts')"),
      refused: ['samplers/dns.ts → dataset/truth.ts: opens a Truth'],
    },
    {
      what: 'a re-export by the evaluation, whoever uses it then',
      files: mutant('evaluation/protocols.ts', "export { openTruth } from '../dataset/truth.ts'", {
        'run/stages/train.ts': "import { openTruth } from '../../evaluation/protocols.ts'",
      }),
      refused: [
        'evaluation/protocols.ts → dataset/truth.ts: passes openTruth on',
        'run/stages/train.ts → evaluation/protocols.ts: hands out held-out data',
      ],
    },
    {
      what: 'a re-export by the data set',
      files: mutant('dataset/dataset.ts', "export * from './truth.ts'", {
        'judges/random.ts': "import { openTruth } from '../dataset/dataset.ts'",
      }),
      refused: [
        'dataset/dataset.ts → dataset/truth.ts: passes openTruth on',
        'dataset/dataset.ts → dataset/truth.ts: opens a Truth',
      ],
    },
    {
      what: 'a stage of candidates that masks with what was held out',
      files: mutant('run/stages/candidates.ts', "import { observed } from '../../evaluation/protocols.ts'"),
      refused: ['run/stages/candidates.ts → evaluation/protocols.ts: hands out held-out data'],
    },
    {
      what: 'training that asks for what was observed before test',
      files: mutant('run/stages/train.ts', "import { observedBeforeTest } from '../../evaluation/observed.ts'"),
      refused: [
        'run/stages/train.ts → evaluation/observed.ts: hands out held-out data',
        'run/stages/train.ts → evaluation/observed.ts: may not have observedBeforeTest',
      ],
    },
    {
      what: 'a fusion that does, and all at once',
      files: mutant('run/stages/fusion.ts', "import * as observed from '../../evaluation/observed.ts'"),
      refused: ['run/stages/fusion.ts → evaluation/observed.ts: may not have *'],
    },
    {
      what: 'a list of methods that does',
      files: mutant('run/methods.ts', "import { observedBeforeTest as early } from '../evaluation/observed.ts'"),
      refused: ['run/methods.ts → evaluation/observed.ts: may not have observedBeforeTest'],
    },
    {
      what: 'a run that takes test along',
      files: mutant('run/run-stages.ts', "import { everythingObserved } from '../evaluation/observed.ts'"),
      refused: ['run/run-stages.ts → evaluation/observed.ts: may not have everythingObserved'],
    },
    {
      what: 'a re-export of what was observed',
      files: mutant('evaluation/protocols.ts', "export { observedBeforeTest } from './observed.ts'"),
      refused: ['evaluation/protocols.ts → evaluation/observed.ts: may not have observedBeforeTest'],
    },
  ])('refuses $what', ({ files, refused }) => {
    expect(violations(files).sort()).toEqual(refused.sort())
  })

  it('no files import each other in a circle', () => {
    expect(circles(sources)).toEqual([])
  })

  it('finds a circle of types over three files', () => {
    const mutated = mutant('run/stage-folder.ts', "import type { Run } from './context.ts'")
    expect(circles(mutated)).toEqual([['run/context.ts', 'run/stage-folder.ts', 'run/stage.ts']])
  })

  it('no file uses Math.random, the clock, or a default seed', () => {
    const offenders = [...sources].filter(([, text]) => /Math\.random|Date\.now|new Date\(\)/.test(text))
    expect(offenders.map(([path]) => path)).toEqual([])
  })
})
