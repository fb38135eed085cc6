/** Writes a model for other systems, or as a folder. */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { createKernels } from '../kernels/wasm/wasm.ts'
import { text } from '../options.ts'
import { checkRequest, watchFields } from '../requests.ts'
import type { Watch } from '../run/stage.ts'
import { exportTargets } from './export/index.ts'
import { contentOf } from './model/content.ts'
import { type ModelContent, readModelFolder, writeModelFolder } from './model/model-folder.ts'
import { findModelFolder } from './model/open-model.ts'
import { sourceOfRun } from './model/open-run.ts'

export interface ExportRequest extends Watch {
  /** run directory or model folder */
  readonly path: string
  /** `folder`, or the name of a target */
  readonly to: string
  readonly out: string
  /** a row of the run's table; the fitted model when absent, or else the row that is best on validation data */
  readonly method?: string | undefined
}

const FIELDS = {
  ...{ path: text, to: text, out: z.string(), method: text.optional(), ...watchFields },
} satisfies Record<keyof ExportRequest, z.ZodType>

/** @returns what was written, in a sentence or two. @throws UsageError for a model that cannot be exported so */
export async function exportModel(request: ExportRequest): Promise<string> {
  checkRequest('exportModel', FIELDS, request)
  const { path, to, out, method, ...watch } = request
  if (out === '') throw new UsageError('--out "": expected a path')
  const { content, choice } = await contentAt(path, method, watch)
  if (to !== 'folder') return exportTargets.get(to).write(content, out)
  const { hash, bytes } = await writeModelFolder(out, content)
  const chosen = choice === undefined ? '' : `, ${choice}`
  return `Model ${content.made.method}${chosen} (${hash.slice(0, 8)}), ${(bytes / 1e6).toFixed(1)} MB: ${out}`
}

async function contentAt(
  path: string,
  method: string | undefined,
  watch: Watch,
): Promise<{ content: ModelContent; choice?: string }> {
  const kernels = createKernels()
  const folder = await findModelFolder(path)
  if (folder !== undefined) {
    const fitted = await readModelFolder(folder, kernels.memory)
    const { by: _, ...made } = fitted.made
    if (method === undefined || method === made.method) return { content: { ...fitted, made } }
  }
  const { trained: _, choice, ...source } = await sourceOfRun(path, kernels, method, watch)
  return { content: contentOf({ ...source, fittedOn: 'train' }), ...(choice !== undefined && { choice }) }
}
