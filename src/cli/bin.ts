#!/usr/bin/env node
/** Says which Node is needed before anything is loaded that an older one cannot read. */
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`error: dualtree needs Node 22.18 or later, this is ${process.versions.node}\n`)
  process.exitCode = 2
} else {
  const [{ main }, { watchOutput }] = await Promise.all([import('./main.ts'), import('./output.ts')])
  watchOutput(process.stdout)
  process.exitCode = await main(process.argv.slice(2))
}

export {}
