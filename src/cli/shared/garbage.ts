/** The garbage collector, for what knows when much is no longer needed. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Sets `globalThis.gc`, as `node --expose-gc` does: stages collect what earlier ones left behind, servers a model that was replaced.
 * Takes 4 ms, so only commands that need it call it.
 */
export function exposeGarbageCollector(): void {
  setFlagsFromString('--expose-gc')
  globalThis.gc = runInNewContext('gc')
}
