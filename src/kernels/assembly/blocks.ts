// Blocks of vectors in f64, [rows × width] row by row: the dense algebra of the eigensolver. Columns lie side by side, so
// that two of them fill a register, and a sum over the rows keeps their order: the bits are those of one column at a time.
// Both trees of Sports on one thread, processor time: 1.9 s with this algebra in plain TypeScript, a column an array; 1.15 s
// with it here, the means of k-means among it (trees.ts). gram: 2.30 ms, 2.42 ms when a tile went through all rows at once.

/** Columns of a strip: a cache line. */
const STRIP: i32 = 8
/** Rows of both factors that a thread of `gram` goes through before the next: 72 KB at 48 columns. */
const DEPTH: i32 = 128

/**
 * out[i][j] = Σ_r table[r][i] · block[r][j] for rows i = begin … end − 1 of out; table is f32, width a multiple of 4.
 * Tiles of 4 × 4; sums go on from those of the rows before.
 */
export function gram(begin: i32, end: i32, table: usize, block: usize, rows: i32, width: i32, out: usize): void {
  memory.fill(out + (<usize>(begin * width) << 3), 0, <usize>((end - begin) * width) << 3)
  for (let row = 0; row < rows; row += DEPTH) {
    const depth = min(DEPTH, rows - row)
    const terms = table + (<usize>row * width << 2)
    const factors = block + (<usize>row * width << 3)
    for (let i = begin; i < end; i += 4) {
      for (let j = 0; j < width; j += 4) {
        gramTile(terms + (<usize>i << 2), factors + (<usize>j << 3), depth, width, out + (<usize>(i * width + j) << 3))
      }
    }
  }
}

function gramTile(table: usize, block: usize, rows: i32, width: i32, out: usize): void {
  const tableBytes = <usize>width << 2
  const blockBytes = <usize>width << 3
  const out1 = out + blockBytes, out2 = out1 + blockBytes, out3 = out2 + blockBytes
  let a0 = v128.load(out), a1 = v128.load(out, 16), b0 = v128.load(out1), b1 = v128.load(out1, 16)
  let c0 = v128.load(out2), c1 = v128.load(out2, 16), d0 = v128.load(out3), d1 = v128.load(out3, 16)
  for (let row = 0; row < rows; row++) {
    const low = v128.load(block), high = v128.load(block, 16)
    const x0 = f64x2.splat(<f64>load<f32>(table))
    a0 = f64x2.add(a0, f64x2.mul(x0, low))
    a1 = f64x2.add(a1, f64x2.mul(x0, high))
    const x1 = f64x2.splat(<f64>load<f32>(table, 4))
    b0 = f64x2.add(b0, f64x2.mul(x1, low))
    b1 = f64x2.add(b1, f64x2.mul(x1, high))
    const x2 = f64x2.splat(<f64>load<f32>(table, 8))
    c0 = f64x2.add(c0, f64x2.mul(x2, low))
    c1 = f64x2.add(c1, f64x2.mul(x2, high))
    const x3 = f64x2.splat(<f64>load<f32>(table, 12))
    d0 = f64x2.add(d0, f64x2.mul(x3, low))
    d1 = f64x2.add(d1, f64x2.mul(x3, high))
    table += tableBytes
    block += blockBytes
  }
  v128.store(out, a0); v128.store(out, a1, 16); v128.store(out1, b0); v128.store(out1, b1, 16)
  v128.store(out2, c0); v128.store(out2, c1, 16); v128.store(out3, d0); v128.store(out3, d1, 16)
}

/** out[r] = block[r] · factors for rows begin … end − 1, four terms summed before they are added. */
export function rotateColumns(begin: i32, end: i32, block: usize, factors: usize, width: i32, out: usize): void {
  const rowBytes = <usize>width << 3
  for (let row = begin; row < end; row++) {
    const own = block + <usize>row * rowBytes
    const target = out + <usize>row * rowBytes
    for (let column: usize = 0; column < rowBytes; column += 32) {
      let low = f64x2.splat(0)
      let high = low
      let factor = factors + column
      for (let x = own, stop = own + rowBytes; x < stop; x += 32) {
        const x0 = v128.load64_splat(x), x1 = v128.load64_splat(x, 8)
        const x2 = v128.load64_splat(x, 16), x3 = v128.load64_splat(x, 24)
        let p = f64x2.mul(v128.load(factor), x0), q = f64x2.mul(v128.load(factor, 16), x0)
        factor += rowBytes
        p = f64x2.add(p, f64x2.mul(v128.load(factor), x1))
        q = f64x2.add(q, f64x2.mul(v128.load(factor, 16), x1))
        factor += rowBytes
        p = f64x2.add(p, f64x2.mul(v128.load(factor), x2))
        q = f64x2.add(q, f64x2.mul(v128.load(factor, 16), x2))
        factor += rowBytes
        p = f64x2.add(p, f64x2.mul(v128.load(factor), x3))
        q = f64x2.add(q, f64x2.mul(v128.load(factor, 16), x3))
        factor += rowBytes
        low = f64x2.add(low, p)
        high = f64x2.add(high, q)
      }
      v128.store(target + column, low)
      v128.store(target + column, high, 16)
    }
  }
}

/** out[c] = Σ_r block[r][c] · block[r][column] for the columns below `count` of strips begin … end − 1. */
export function columnDots(
  begin: i32, end: i32, block: usize, rows: i32, width: i32, column: i32, count: i32, out: usize,
): void {
  const other = block + (<usize>column << 3)
  const rowBytes = <usize>width << 3
  const stop = min(end * STRIP, count)
  let c = begin * STRIP
  for (; c + STRIP <= stop; c += STRIP) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0
    let p = block + (<usize>c << 3)
    for (let x = other, last = other + <usize>rows * rowBytes; x < last; x += rowBytes, p += rowBytes) {
      const value = v128.load64_splat(x)
      s0 = f64x2.add(s0, f64x2.mul(v128.load(p), value))
      s1 = f64x2.add(s1, f64x2.mul(v128.load(p, 16), value))
      s2 = f64x2.add(s2, f64x2.mul(v128.load(p, 32), value))
      s3 = f64x2.add(s3, f64x2.mul(v128.load(p, 48), value))
    }
    const at = out + (<usize>c << 3)
    v128.store(at, s0); v128.store(at, s1, 16); v128.store(at, s2, 32); v128.store(at, s3, 48)
  }
  // what is left, four columns at a time; a sum that is not asked for is not kept
  for (; c < stop; c += 4) {
    let s0 = f64x2.splat(0), s1 = s0
    let p = block + (<usize>c << 3)
    for (let x = other, last = other + <usize>rows * rowBytes; x < last; x += rowBytes, p += rowBytes) {
      const value = v128.load64_splat(x)
      s0 = f64x2.add(s0, f64x2.mul(v128.load(p), value))
      s1 = f64x2.add(s1, f64x2.mul(v128.load(p, 16), value))
    }
    keep(s0, c, stop, out)
    keep(s1, c + 2, stop, out)
  }
}

/** The two sums of columns c and c + 1 that lie below `stop`. */
function keep(sums: v128, c: i32, stop: i32, out: usize): void {
  if (c < stop) store<f64>(out + (<usize>c << 3), f64x2.extract_lane(sums, 0))
  if (c + 1 < stop) store<f64>(out + (<usize>c << 3), f64x2.extract_lane(sums, 1), 8)
}

/** block[r][column] += Σ_c factors[c] · block[r][c] over c < column, four at a time, for rows begin … end − 1. */
export function addColumns(begin: i32, end: i32, block: usize, width: i32, column: i32, factors: usize): void {
  const rowBytes = <usize>width << 3
  const stop = factors + (<usize>column << 3)
  const stop4 = factors + (<usize>(column & ~3) << 3)
  for (let row = begin; row < end; row++) {
    let x = block + <usize>row * rowBytes
    const target = x + (<usize>column << 3)
    let sum = load<f64>(target)
    let factor = factors
    for (; factor < stop4; factor += 32, x += 32) {
      sum += load<f64>(factor) * load<f64>(x) + load<f64>(factor, 8) * load<f64>(x, 8)
        + load<f64>(factor, 16) * load<f64>(x, 16) + load<f64>(factor, 24) * load<f64>(x, 24)
    }
    for (; factor < stop; factor += 8, x += 8) sum += load<f64>(factor) * load<f64>(x)
    store<f64>(target, sum)
  }
}

/** out[c] = Σ_r (table[r][c] − values[c] · block[r][c])² for the columns below `count` of strips begin … end − 1. */
export function columnResiduals(
  begin: i32, end: i32, block: usize, table: usize, rows: i32, width: i32, values: usize, count: i32, out: usize,
): void {
  const rowBytes = <usize>width << 3
  const stop = min(end * STRIP, count)
  for (let c = begin * STRIP; c < stop; c += 4) {
    const v0 = v128.load(values + (<usize>c << 3)), v1 = v128.load(values + (<usize>c << 3), 16)
    let s0 = f64x2.splat(0), s1 = s0
    let x = block + (<usize>c << 3)
    let y = table + (<usize>c << 2)
    for (const last = x + <usize>rows * rowBytes; x < last; x += rowBytes, y += rowBytes >> 1) {
      const four = v128.load(y)
      const d0 = f64x2.sub(f64x2.promote_low_f32x4(four), f64x2.mul(v0, v128.load(x)))
      const d1 = f64x2.sub(promoteHigh(four), f64x2.mul(v1, v128.load(x, 16)))
      s0 = f64x2.add(s0, f64x2.mul(d0, d0))
      s1 = f64x2.add(s1, f64x2.mul(d1, d1))
    }
    keep(s0, c, stop, out)
    keep(s1, c + 2, stop, out)
  }
}

// @ts-ignore: decorator
@inline
function promoteHigh(four: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(four, four, 1, 1))
}

// @ts-ignore: decorator
@inline
function demote(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}

/** f64 to f32, fours begin … end − 1. */
export function narrow(begin: i32, end: i32, from: usize, to: usize): void {
  for (let i = begin; i < end; i++) {
    const own = from + (<usize>i << 5)
    v128.store(to + (<usize>i << 4), demote(v128.load(own), v128.load(own, 16)))
  }
}

/** f32 to f64, fours begin … end − 1. */
export function widen(begin: i32, end: i32, from: usize, to: usize): void {
  for (let i = begin; i < end; i++) {
    const four = v128.load(from + (<usize>i << 4))
    const own = to + (<usize>i << 5)
    v128.store(own, f64x2.promote_low_f32x4(four))
    v128.store(own, promoteHigh(four), 16)
  }
}

/** A step of Chebyshev's recurrence on tables in f32, reckoned in f64, fours begin … end − 1: see `chebyshevStep` in the interface of the kernels. */
export function chebyshevStep(
  begin: i32, end: i32, product: usize, current: usize, out: usize, centre: f64, half: f64, first: i32,
): void {
  const shift = f64x2.splat(centre), divisor = f64x2.splat(half), twice = f64x2.splat(2 / half)
  for (let at = <usize>begin << 4, stop = <usize>end << 4; at < stop; at += 16) {
    const p = v128.load(product + at), c = v128.load(current + at), o = v128.load(out + at)
    let low = f64x2.sub(f64x2.promote_low_f32x4(p), f64x2.mul(shift, f64x2.promote_low_f32x4(c)))
    let high = f64x2.sub(promoteHigh(p), f64x2.mul(shift, promoteHigh(c)))
    if (first) {
      low = f64x2.div(low, divisor)
      high = f64x2.div(high, divisor)
    } else {
      low = f64x2.sub(f64x2.mul(twice, low), f64x2.promote_low_f32x4(o))
      high = f64x2.sub(f64x2.mul(twice, high), promoteHigh(o))
    }
    v128.store(out + at, demote(low, high))
  }
}
