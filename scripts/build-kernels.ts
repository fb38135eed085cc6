/** Compiles the AssemblyScript kernels to src/kernels/kernels.wasm. */
import asc from 'assemblyscript/asc'

const { error, stderr } = await asc.main([
  'src/kernels/assembly/index.ts',
  '--outFile',
  'src/kernels/kernels.wasm',
  '--runtime',
  'stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '16',
  '--maximumMemory',
  '65536',
  '--enable',
  'simd',
  '--enable',
  'threads',
  '--enable',
  'bulk-memory',
  '--disable',
  'relaxed-simd',
  '--use',
  'abort=',
  '--exportStart',
  '_start',
  '-O3',
  '--noAssert',
  '--converge',
])
if (error) {
  process.stderr.write(stderr.toString())
  process.exitCode = 1
}
