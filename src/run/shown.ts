/** Work that leaves no folder behind, shown as stages are. */
import type { TrainingEvent } from '../training/trainer.ts'
import type { RunEvent } from './stage.ts'

type Emit = (event: RunEvent) => void

/** Says at the head of every stage whose it is. */
export function titled(emit: Emit, whose: string): Emit {
  return event => emit(event.type === 'stage-start' ? { ...event, title: `${whose}: ${event.title}` } : event)
}

export type Progress = (done: number, total: number, detail?: string) => void

/** @param emit nobody watches when absent */
export async function showAsStage<T>(
  emit: Emit | undefined,
  { stage, title }: { readonly stage: string; readonly title: string },
  body: (progress: Progress) => Promise<T>,
): Promise<T> {
  const start = performance.now()
  emit?.({ type: 'stage-start', stage, title })
  const value = await body((done, total, detail = '') =>
    emit?.({ type: 'progress', stage, done, total: Math.max(1, total), detail }),
  )
  const seconds = (performance.now() - start) / 1000
  emit?.({ type: 'stage-end', stage, seconds, peakBytes: process.resourceUsage().maxRSS * 1024, reused: false })
  return value
}

/** Shows how far a training is. */
export function showTraining(progress: Progress): (event: TrainingEvent) => void {
  return event => {
    const { epoch, epochs, batch, batches } = event
    progress((epoch - 1) * batches + batch, epochs * batches, describeProgress(event))
  }
}

function describeProgress({ epoch, epochs, record }: TrainingEvent): string {
  const where = `epoch ${epoch} of at most ${epochs}`
  if (!record) return where
  const validation = record.validation === undefined ? '' : `, validation Recall@20 ${record.validation.toFixed(4)}`
  return `${where}, loss ${record.loss.toFixed(4)}${validation}`
}
