/**
 * Codes that answer "is it the codes, or an artefact?": a judge that knows something by the codes must lose it with
 * codes that say nothing, and must keep it when only the labels of the branches change.
 */
import type { Codes } from '../kernels/interface/kernels.ts'
import { derive, permutation, randomStream } from '../random.ts'
import { codeOf, packCodes, type ViewCodes } from '../trees/codes.ts'

type Path = readonly number[]
type Control = (paths: readonly Path[], seed: number, view: string) => Path[]

/** Every item has the code of another one, the same other one in both views: same trees, wrong items. */
const shuffled: Control = (paths, seed) => {
  const other = permutation(paths.length, derive(seed, 'control', 'shuffled'))
  return Array.from(other, item => paths[item])
}

/** Codes of the same lengths whose steps are drawn uniformly: no trees. */
const random: Control = (paths, seed, view) => {
  const draw = randomStream(derive(seed, 'control', 'random', view))
  const branches = branchesOf(paths)
  return paths.map(path => path.map(() => draw.below(branches)))
}

/** All items have one code, of the mean length: nothing to tell them apart by. */
const constant: Control = paths => {
  const steps = paths.reduce((sum, path) => sum + path.length, 0)
  const code = new Array<number>(Math.round(steps / Math.max(1, paths.length))).fill(0)
  return paths.map(() => code)
}

/** The children of every node have other numbers: the same trees in other words. */
const relabelled: Control = (paths, seed, view) => {
  const branches = branchesOf(paths)
  const labels = new Map<string, Int32Array>()
  const labelsUnder = (node: string) => {
    const known = labels.get(node) ?? permutation(branches, derive(seed, 'control', 'relabelled', view, node))
    labels.set(node, known)
    return known
  }
  return paths.map(path => path.map((step, depth) => labelsUnder(path.slice(0, depth).join('-'))[step]))
}

const controls = { shuffled, random, constant, relabelled } satisfies Record<string, Control>

export const controlNames: readonly string[] = Object.keys(controls)

/** @param name one of `controlNames` */
export function controlCodes(name: string, codes: ViewCodes, seed: number): ViewCodes {
  const control = controls[name as keyof typeof controls]
  const change = (view: keyof ViewCodes) => packCodes(control(pathsOf(codes[view]), seed, view))
  return { structural: change('structural'), semantic: change('semantic') }
}

function pathsOf(codes: Codes): Path[] {
  // codes without a step are of length 0 in all: their number is not to be seen
  const items = codes.depth ? codes.values.length / codes.depth : 0
  return Array.from({ length: items }, (_, item) => Array.from(codeOf(codes, item)))
}

const branchesOf = (paths: readonly Path[]) =>
  1 + paths.reduce((most, path) => path.reduce((a, b) => Math.max(a, b), most), 0)
