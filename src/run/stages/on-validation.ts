/** What stages that choose by validation data evaluate with. */
import { historiesOf } from '../../dataset/histories.ts'
import { seenAt } from '../../evaluation/protocols.ts'
import type { Run, RunData } from '../context.ts'

export function onValidation({ plan, signal }: Run, { value }: RunData) {
  return {
    truth: value.valid,
    histories: historiesOf(value.train),
    seen: seenAt('valid', value),
    seed: plan.run.seed,
    ...(signal && { signal }),
  }
}
