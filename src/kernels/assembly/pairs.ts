// Scores, loss and gradients of a batch of (user, positive, K negatives). Slot s = b · perPositive + k.
//
// The gradient of an item's vector is always a number times ū_b, so only the users' gradients need vectors of their
// own; scatter.ts brings both to the tables.
import { addScaled, clear, dot, sigmoid } from './simd'
import { AHEAD, keep, touch } from './touch'

/** positive[b] = ū·p̄, negative[s] = ū·n̄_s, for b in begin … end − 1. */
export function scorePairs(
  begin: i32, end: i32, users: usize, positives: usize, perPositive: i32, pooledUsers: usize, pooledItems: usize,
  itemTable: usize, tableStride: usize, dimensions: i32, hops: i32, pickedHops: i32, picked: usize, mix: usize,
  positive: usize, negative: usize,
): void {
  const rowBytes = <usize>dimensions << 2
  const share = <f32>1 / <f32>hops
  const plain = pickedHops == 1 && !mix
  for (let b = begin; b < end; b++) {
    if (plain && ((b - begin) & (AHEAD - 1)) == 0) {
      let sum = 0
      for (let other = b, stop = min(end, b + AHEAD); other < stop; other++) {
        sum += touch(pooledUsers + <usize>load<i32>(users + (<usize>other << 2)) * rowBytes, rowBytes)
        sum += touch(pooledItems + <usize>load<i32>(positives + (<usize>other << 2)) * rowBytes, rowBytes)
        for (let slot = other * perPositive; slot < (other + 1) * perPositive; slot++) {
          const item = load<i32>(picked + (<usize>slot << 2))
          if (item >= 0) sum += touch(pooledItems + <usize>item * rowBytes, rowBytes)
        }
      }
      keep(sum)
    }
    const user = pooledUsers + <usize>load<i32>(users + (<usize>b << 2)) * rowBytes
    const observed = <usize>load<i32>(positives + (<usize>b << 2)) * rowBytes
    store<f32>(positive + (<usize>b << 2), dot(user, pooledItems + observed, dimensions))
    for (let k = 0; k < perPositive; k++) {
      const slot = b * perPositive + k
      const picks = picked + (<usize>(slot * pickedHops) << 2)
      let score: f32 = 0
      if (load<i32>(picks) >= 0) {
        if (plain) score = dot(user, pooledItems + <usize>load<i32>(picks) * rowBytes, dimensions)
        else {
          for (let h = 0; h < hops; h++) {
            const table = itemTable + <usize>h * tableStride
            const beta = mix ? load<f32>(mix + (<usize>(slot * hops + h) << 2)) : <f32>0
            const own = dot(user, table + <usize>load<i32>(picks + (<usize>h << 2)) * rowBytes, dimensions)
            const mixed = beta != 0 ? beta * dot(user, table + observed, dimensions) : <f32>0
            score += share * (mixed + (1 - beta) * own)
          }
        }
      }
      store<f32>(negative + (<usize>slot << 2), score)
    }
  }
}

/** loss = w · log(1 + Σ exp(t_k)), t_k = negative − positive, by log-sum-exp; derivatives divided by batchSize. */
export function bpr(
  begin: i32, end: i32, batchSize: i32, perPositive: i32, pickedHops: i32, picked: usize, weights: usize,
  positive: usize, negative: usize, positiveOut: usize, negativeOut: usize, loss: usize,
): void {
  for (let b = begin; b < end; b++) {
    const at = <usize>b << 2
    const base = load<f32>(positive + at)
    let largest: f32 = 0
    for (let slot = b * perPositive, stop = slot + perPositive; slot < stop; slot++) {
      if (load<i32>(picked + (<usize>(slot * pickedHops) << 2)) < 0) continue
      largest = max(largest, load<f32>(negative + (<usize>slot << 2)) - base)
    }
    let total = Mathf.exp(-largest)
    for (let slot = b * perPositive, stop = slot + perPositive; slot < stop; slot++) {
      const empty = load<i32>(picked + (<usize>(slot * pickedHops) << 2)) < 0
      const term = empty ? <f32>0 : Mathf.exp(load<f32>(negative + (<usize>slot << 2)) - base - largest)
      store<f32>(negativeOut + (<usize>slot << 2), term)
      total += term
    }
    const weight = weights ? load<f32>(weights + at) : <f32>1
    const scale = weight / (total * <f32>batchSize)
    let sum: f32 = 0
    for (let slot = b * perPositive, stop = slot + perPositive; slot < stop; slot++) {
      const out = negativeOut + (<usize>slot << 2)
      const derivative = load<f32>(out) * scale
      store<f32>(out, derivative)
      sum += derivative
    }
    store<f32>(positiveOut + at, -sum)
    store<f32>(loss + at, weight * (largest + Mathf.log(total)))
  }
}

/** loss = w · (log(1 + exp(−positive)) + Σ_k log(1 + exp(negative_k))); derivatives divided by batchSize. */
export function crossEntropy(
  begin: i32, end: i32, batchSize: i32, perPositive: i32, pickedHops: i32, picked: usize, weights: usize,
  positive: usize, negative: usize, positiveOut: usize, negativeOut: usize, loss: usize,
): void {
  for (let b = begin; b < end; b++) {
    const at = <usize>b << 2
    const weight = weights ? load<f32>(weights + at) : <f32>1
    const scale = weight / <f32>batchSize
    const own = -load<f32>(positive + at)
    let total = softplus(own)
    store<f32>(positiveOut + at, -scale * sigmoid(own))
    for (let slot = b * perPositive, stop = slot + perPositive; slot < stop; slot++) {
      const out = negativeOut + (<usize>slot << 2)
      const empty = load<i32>(picked + (<usize>(slot * pickedHops) << 2)) < 0
      const score = load<f32>(negative + (<usize>slot << 2))
      store<f32>(out, empty ? <f32>0 : scale * sigmoid(score))
      if (!empty) total += softplus(score)
    }
    store<f32>(loss + at, weight * total)
  }
}

/** log(1 + exp(x)) without overflow. */
// @ts-ignore: decorator
@inline
function softplus(x: f32): f32 {
  return max(x, <f32>0) + Mathf.log1p(Mathf.exp(-abs(x)))
}

/** out[b] = ∂loss/∂ū_b = derivative(positive) p̄ + Σ_k derivative(negative k) n̄_k. */
export function userGradients(
  begin: i32, end: i32, positives: usize, perPositive: i32, pooledItems: usize, itemTable: usize, tableStride: usize,
  dimensions: i32, hops: i32, pickedHops: i32, picked: usize, mix: usize, positive: usize, negative: usize, out: usize,
): void {
  const rowBytes = <usize>dimensions << 2
  const share = <f32>1 / <f32>hops
  for (let b = begin; b < end; b++) {
    const target = out + <usize>b * rowBytes
    const observed = <usize>load<i32>(positives + (<usize>b << 2)) * rowBytes
    clear(target, rowBytes)
    addScaled(target, pooledItems + observed, load<f32>(positive + (<usize>b << 2)), dimensions)
    for (let slot = b * perPositive, stop = slot + perPositive; slot < stop; slot++) {
      const picks = picked + (<usize>(slot * pickedHops) << 2)
      if (load<i32>(picks) < 0) continue
      const derivative = load<f32>(negative + (<usize>slot << 2))
      if (pickedHops == 1 && !mix) {
        addScaled(target, pooledItems + <usize>load<i32>(picks) * rowBytes, derivative, dimensions)
        continue
      }
      for (let h = 0; h < hops; h++) {
        const table = itemTable + <usize>h * tableStride
        const beta = mix ? load<f32>(mix + (<usize>(slot * hops + h) << 2)) : <f32>0
        const item = load<i32>(picks + (<usize>h << 2))
        if (beta != 0) addScaled(target, table + observed, share * derivative * beta, dimensions)
        addScaled(target, table + <usize>item * rowBytes, share * derivative * (1 - beta), dimensions)
      }
    }
  }
}

/** loss[b] += λ/2 (‖u‖² + ‖p‖² + Σ_k ‖n_k‖²) on hop 0, for b in begin … end − 1; halfLambda = λ/2. */
export function addPenalties(
  begin: i32, end: i32, users: usize, positives: usize, perPositive: i32, userCount: i32, table: usize,
  dimensions: i32, hops: i32, pickedHops: i32, picked: usize, mix: usize, halfLambda: f32, loss: usize,
): void {
  const rowBytes = <usize>dimensions << 2
  for (let b = begin; b < end; b++) {
    const u = table + <usize>load<i32>(users + (<usize>b << 2)) * rowBytes
    const p = table + <usize>(userCount + load<i32>(positives + (<usize>b << 2))) * rowBytes
    const pp = dot(p, p, dimensions)
    let squares = dot(u, u, dimensions) + pp
    for (let slot = b * perPositive, stop = slot + perPositive; slot < stop; slot++) {
      const item = load<i32>(picked + (<usize>(slot * pickedHops) << 2))
      if (item < 0) continue
      const beta = mix ? load<f32>(mix + (<usize>(slot * hops) << 2)) : <f32>0
      const own: f32 = 1 - beta
      const n = table + <usize>(userCount + item) * rowBytes
      squares += own * own * dot(n, n, dimensions)
      if (beta != 0) squares += beta * beta * pp + <f32>2 * beta * own * dot(p, n, dimensions)
    }
    const at = loss + (<usize>b << 2)
    store<f32>(at, load<f32>(at) + halfLambda * squares)
  }
}
