/** Judges that go by another one's confidences: what the other is, its options beside theirs say. */
import { UsageError } from '../errors.ts'
import { splitOptions } from '../options.ts'
import type { JudgeDefinition } from './judge.ts'

/** The name of the judge that is consulted, if one is. @throws UsageError for a judge that would consult itself */
export function consultedBy({ name }: Pick<JudgeDefinition, 'name'>, options: unknown): string | undefined {
  const { consult = 'none' } = (options ?? {}) as { consult?: string }
  if (consult === name) throw new UsageError(`judge "${name}" cannot consult itself: give another --consult`)
  return consult === 'none' ? undefined : consult
}

/** A judge with the option `consult`, whose options may hold those of the judge that it names. */
export function consulting<D extends JudgeDefinition>(definition: D, named: (name: string) => JudgeDefinition): D {
  const split = (options: unknown) => {
    const { own, rest } = splitOptions(definition.options, options)
    const consulted = consultedBy(definition, own)
    // without a judge to take them, options that it does not know are its own, and refused
    return consulted === undefined ? { own: options, rest } : { own, rest, other: named(consulted) }
  }
  return {
    ...definition,
    unsupportedReason(options, runtime) {
      const { other, rest } = split(options)
      return other?.unsupportedReason?.(rest, runtime)
    },
    async inputs(options) {
      const { other, rest } = split(options)
      return { ...(await other?.inputs?.(rest)) }
    },
    create(context, options, runtime) {
      const { own, rest, other } = split(options)
      const { consulted: _, ...inner } = context
      const consulted = other && ((train: typeof context.train) => other.create({ ...inner, train }, rest, runtime))
      return definition.create({ ...inner, ...(consulted && { consulted }) }, own)
    },
  }
}
