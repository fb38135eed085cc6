/** Bilateral softmax loss: an expectation over positives too, so that those that do not fit weigh less. */
import { z } from 'zod'
import { createUnits } from '../kernels/units.ts'
import { integer, number } from '../options.ts'
import { derive, randomStream } from '../random.ts'
import { defineVectorObjective } from './objective.ts'
import { cosinesTo, createPooled, sharedNegativesOption, temperatureOption } from './pooled.ts'

/**
 * loss_b = w_b (τ₂ log(e^{cos(u,p)/τ₂} + Σ_j e^{cos(u,j)/τ₂}) − τ₁ log mean_q e^{cos(u,q)/τ₁}), q over p and P more items of the user, j over the
 * K picks and what the batch shares and the user may be shown. Cost O((K + M + P) D) a positive.
 */
export const bsl = defineVectorObjective({
  name: 'bsl',
  summary: 'Softmax loss with a temperature for positives too: doubtful ones count less.',
  source:
    'Wu et al., "BSL: understanding and improving softmax loss for recommendation", ICDE 2024, arXiv 2312.12882; ' +
    'differs: the expectation over the positives of a user is that over a few draws; the positive counts in the sum over negatives',
  options: z.object({
    temperature: temperatureOption,
    positiveTemperature: number(0.001, 100)
      .default(0.2)
      .describe('τ₁, divisor of similarities of positives: larger trusts all of them alike'),
    positiveDraws: integer(1, 64, 'items')
      .default(4)
      .describe('P, further items of the user per positive; time grows with it'),
    sharedNegatives: sharedNegativesOption,
  }),
  create(context, { temperature, positiveTemperature, positiveDraws, sharedNegatives }) {
    const { kernels, dimensions, train, batchSize, seed } = context
    const { memory } = kernels
    const { offsets, indices } = train.byUser
    const softmax = createPooled(
      context,
      cosinesTo(sharedNegatives),
      (pool, batch, negatives, scores, derivatives, loss) => {
        kernels.sharedSoftmax(pool, batch, negatives, 1 / temperature, scores, derivatives, loss)
        for (const values of [pool.scores, derivatives.positive, derivatives.negative, loss])
          for (let at = 0; at < values.length; at++) values[at] *= temperature
      },
    )
    const draws = batchSize * positiveDraws
    const users = createUnits(kernels, batchSize, dimensions)
    const positives = createUnits(kernels, batchSize, dimensions)
    const more = createUnits(kernels, draws, dimensions)
    const values = () => ({ positive: memory.floats(batchSize), negative: memory.floats(draws) })
    const [logits, derivatives] = [values(), values()]
    const own = memory.floats(batchSize)
    const back = [memory.floats(batchSize * dimensions), memory.floats(batchSize * dimensions)]
    return {
      sharedCount: size => softmax.sharedCount(size) + size * positiveDraws,
      share(batch, at, out) {
        const width = softmax.sharedCount(batch.size)
        softmax.share(batch, at, out.subarray(0, width))
        const random = randomStream(derive(seed, 'positives', at.epoch, at.batch))
        for (let place = 0; place < batch.size * positiveDraws; place++) {
          const b = Math.floor(place / positiveDraws)
          const first = offsets[batch.users[b]]
          const count = offsets[batch.users[b] + 1] - first
          out[width + place] = count === 0 ? batch.positives[b] : indices[first + random.below(count)]
        }
      },
      differentiate(batch, negatives, shared, vectors, gradients, scores, loss) {
        const { size } = batch
        const width = softmax.sharedCount(size)
        const pool = <T extends { shared: typeof own }>(all: T) => ({
          ...all,
          shared: all.shared.subarray(0, width * dimensions),
        })
        softmax.differentiate(batch, negatives, shared.subarray(0, width), pool(vectors), pool(gradients), scores, loss)

        const rest = vectors.shared.subarray(width * dimensions)
        const toRest = gradients.shared.subarray(width * dimensions)
        const [u, p, q] = [users.normalize(vectors.users), positives.normalize(vectors.positives), more.normalize(rest)]
        kernels.dotRows(u, p, 1, dimensions, logits.positive)
        kernels.dotRows(u, q, positiveDraws, dimensions, logits.negative)
        for (const all of [logits.positive, logits.negative])
          for (let at = 0; at < all.length; at++) all[at] /= positiveTemperature
        const drawn = { perPositive: positiveDraws, pickedHops: 1, items: shared.subarray(width) }
        kernels.bpr(batch, drawn, logits, derivatives, own)
        const [toUsers, toPositives] = back.map(all => all.subarray(0, size * dimensions).fill(0))
        kernels.dotRowsBack(u, p, derivatives.positive, 1, dimensions, toUsers, toPositives)
        kernels.dotRowsBack(u, q, derivatives.negative, positiveDraws, dimensions, toUsers, toRest)
        users.backward(toUsers)
        positives.backward(toPositives)
        more.backward(toRest)
        for (let at = 0; at < toUsers.length; at++) {
          gradients.users[at] -= toUsers[at]
          gradients.positives[at] -= toPositives[at]
        }
        for (let at = 0; at < toRest.length; at++) toRest[at] = -toRest[at]
        const among = positiveTemperature * kernels.log(positiveDraws + 1)
        for (let b = 0; b < size; b++) loss[b] += (batch.weights?.[b] ?? 1) * among - positiveTemperature * own[b]
      },
    }
  },
})
