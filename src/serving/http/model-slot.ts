/** The model that is served, and how another one takes its place: loaded beside it, then swapped in between two requests. */
import { realpath } from 'node:fs/promises'
import type { ServingModel } from '../model/serving-model.ts'

export interface ModelSlot {
  /** To be used at once: what is got before an `await` may be closed after it. undefined before the first is loaded */
  current(): ServingModel | undefined
  /** Loads what the path leads to now. One load at a time; what is asked meanwhile is one more load afterwards. */
  load(): Promise<void>
  /** Loads again whenever the path leads elsewhere, as a link that was changed. */
  watch(milliseconds: number): void
  close(): void
}

export interface SlotEvents {
  onLoaded(model: ServingModel, before: ServingModel | undefined): void
  /** The model that was served is served still. */
  onFailed(error: unknown): void
}

/** @param open reads a model; what it throws leaves the one that is served in place */
export function createModelSlot(
  path: string,
  open: (path: string) => Promise<ServingModel>,
  { onLoaded, onFailed }: SlotEvents,
): ModelSlot {
  let model: ServingModel | undefined
  let loadedFrom: string | undefined
  let loading: Promise<void> | undefined
  let next: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const loadOnce = async () => {
    const target = await targetOf(path)
    // a link that leads to something broken is tried once, not at every look
    loadedFrom = target
    const loaded = await open(target)
    if (closed) return loaded.close()
    const before = model
    model = loaded
    onLoaded(loaded, before)
    before?.close()
  }
  const load = async (): Promise<void> => {
    if (loading) {
      next ??= loading
        .catch(() => {})
        .then(() => {
          next = undefined
          return load()
        })
      return next
    }
    loading = loadOnce().finally(() => {
      loading = undefined
    })
    return loading
  }
  const look = async () => {
    const target = await targetOf(path)
    if (target !== loadedFrom && !loading) await load().catch(onFailed)
    if (!closed) timer?.refresh()
  }
  return {
    current: () => model,
    load,
    watch(milliseconds) {
      timer ??= setTimeout(look, milliseconds).unref()
    },
    close() {
      closed = true
      clearTimeout(timer)
      model?.close()
      model = undefined
    },
  }
}

const targetOf = (path: string) => realpath(path).catch(() => path)
