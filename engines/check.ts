/**
 * `npm run test:engines`: what `npm test` cannot, on engines that are really there. Spark, Ray and the rest come into a Python environment
 * of their own; what cannot be had is skipped, and said. Nothing of them is a dependency.
 */
import { rmSync } from 'node:fs'
import { failed, folder, pythonEnvironment, skipped } from './harness.ts'
import { checkKills, checkManifest, checkRecipe, checkSlurm } from './jobs.ts'
import { checkJudging } from './judging/check.ts'
import { checkRay } from './ray/check.ts'
import { checkSpark } from './spark/check.ts'

await checkKills()
await checkSlurm()
const environment = await pythonEnvironment()
if ('why' in environment) skipped('Spark, Ray and the schema of Kubernetes', environment.why)
else {
  await checkManifest(environment.bin)
  await checkRecipe(environment.bin)
  await checkSpark(environment.bin)
  await checkRay(environment.bin)
}
await checkJudging()
if (failed() === 0) rmSync(folder, { recursive: true, force: true })
else console.log(`files: ${folder}`)
process.exitCode = failed() > 0 ? 1 : 0
