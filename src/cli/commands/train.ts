import { join } from 'node:path'
import type { Command } from 'commander'
import { plural } from '../../numbers.ts'
import { BASE_STAGE } from '../../run/method-names.ts'
import { configureStage } from '../shared/session.ts'

export function configure(command: Command): void {
  configureStage(command, 'train', ({ directory, base }) => {
    const { history, bestEpoch } = base!.value
    const best = history.find(({ epoch }) => epoch === bestEpoch)?.validation
    const model = join(directory, BASE_STAGE, 'model.safetensors')
    const value = best === undefined ? '' : `, validation Recall@20 ${best.toFixed(4)}`
    return {
      text: `${plural(history.length, 'epoch')}, best epoch ${bestEpoch}${value}\nModel: ${model}`,
      json: { directory, model, bestEpoch, history },
    }
  })
}
