/** Compiles the AssemblyScript kernels to src/kernels/wasm/kernels.wasm. */
import { renameSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const target = 'src/kernels/wasm/kernels.wasm'
const temporary = `${target}.${process.pid}.tmp`

const { error, stderr } = await asc.main([
  'src/kernels/assembly/index.ts',
  ...['--outFile', temporary],
  ...['--runtime', 'stub', '--exportStart', '_start', '--use', 'abort='],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '65536'],
  // no relaxed SIMD: its results differ from CPU to CPU
  ...['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
  ...['-O3', '--noAssert', '--converge'],
])
if (error) throw new Error(stderr.toString())
// at once, since a process that runs from source may be about to load it
renameSync(temporary, target)
