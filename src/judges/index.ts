import { createRegistry } from '../registry.ts'
import { acceptAll } from './accept-all.ts'
import { aiSdk } from './ai-sdk.ts'
import { batch } from './batch.ts'
import { chat } from './chat.ts'
import { community } from './community.ts'
import { consulting } from './consulting.ts'
import { gguf } from './gguf/gguf.ts'
import type { JudgeDefinition } from './judge.ts'
import { learned } from './learned/learned.ts'
import { modelScore } from './model-score.ts'
import { prefix } from './prefix.ts'
import { random } from './random.ts'
import { replay } from './replay.ts'

export const judges = createRegistry('judge', [
  prefix,
  consulting(learned, named),
  community,
  chat,
  aiSdk,
  batch,
  gguf,
  replay,
  modelScore,
  acceptAll,
  random,
])

function named(name: string): JudgeDefinition {
  return judges.get(name)
}
