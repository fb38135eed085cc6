/** The playground's files, read once when the server starts: no path of a request reaches the file system. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { App } from './routes/route.ts'

/** content by the path that it is served at */
export type PlaygroundFiles = ReadonlyMap<string, { readonly content: string; readonly type: string }>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** The modules as they are from source; one bundle from the package, where scripts/build.ts puts it. */
export async function readPlayground(): Promise<PlaygroundFiles> {
  const folder = join(import.meta.dirname, 'playground')
  const names = (await readdir(folder)).filter(name => extname(name) in TYPES)
  const entries = names.map(async name => {
    const file = { content: await readFile(join(folder, name), 'utf8'), type: TYPES[extname(name)] }
    return [name === 'index.html' ? '/' : `/playground/${name}`, file] as const
  })
  return new Map(await Promise.all(entries))
}

export function addPlayground(app: App, files: PlaygroundFiles): void {
  for (const [path, { content, type }] of files)
    app.get(path, context => context.body(content, 200, { 'content-type': type, 'cache-control': 'no-cache' }))
}
