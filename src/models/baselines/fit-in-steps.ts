/** A baseline fitted while others have their turn: one that takes long can be watched, stopped and resumed. */
import { rm } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import type { BaselineDefinition, FitContext } from '../model.ts'
import type { Recommender } from '../recommender.ts'

export interface FitWatch {
  readonly signal?: AbortSignal | undefined
  readonly say?: (text: string) => void
  readonly progress?: (done: number, total: number) => void
  /** where a fit that is stopped is kept, and the fingerprint by which it is known again */
  readonly checkpoint?: { readonly path: string; readonly key: string }
}

/**
 * @returns good for the caller's scope of kernel memory
 * @throws as `fit` does; whatever `signal` aborts with, after what was done has been written
 */
export async function fitInSteps(
  definition: BaselineDefinition,
  context: FitContext,
  options: unknown,
  { signal, say, progress, checkpoint }: FitWatch = {},
): Promise<Recommender> {
  const long = definition.longFit?.(context, options)
  if (!long) return definition.fit(context, options)
  say?.(long.forecast)
  const resumed = checkpoint && (await long.resume(checkpoint.path, checkpoint.key))
  if (resumed === 'damaged') say?.(`${checkpoint?.path} is damaged and is not used: the fit starts again.`)
  else if (resumed) say?.(`Resuming after ${long.done} of ${long.steps} steps.`)
  try {
    while (long.done < long.steps) {
      await setImmediate()
      signal?.throwIfAborted()
      long.step()
      progress?.(long.done, long.steps)
    }
  } catch (error) {
    // who is told of the progress may see the signal first
    if (signal?.aborted && checkpoint) await long.save(checkpoint.path, checkpoint.key)
    throw error
  }
  if (checkpoint) await rm(checkpoint.path, { force: true })
  return long.recommender()
}
