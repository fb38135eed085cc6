import type { Convention } from './convention.ts'
import { elliot } from './elliot.ts'
import { implicit } from './implicit.ts'
import { lenskit } from './lenskit.ts'
import { recbole } from './recbole.ts'
import { rectools } from './rectools.ts'

/** The libraries libraries whose definitions to use a run can be scored by. */
export const conventions: readonly Convention[] = [recbole, rectools, elliot, lenskit, implicit]
