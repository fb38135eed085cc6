#!/usr/bin/env node
// CommonJS without types (see package.json beside this file), so that any Node can read it and say which it needs
{
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 18)) {
    process.stderr.write(`error: dualtree needs Node 22.18 or later, this is ${process.versions.node}\n`)
    process.exitCode = 2
  } else {
    // compiled code is kept in the temporary directory: a second start takes a fifth less
    process.getBuiltinModule('node:module').enableCompileCache()
    // V8's young generation stays at a few MB: by default it grows to 32 MB and never shrinks
    const { setFlagsFromString } = process.getBuiltinModule('node:v8')
    setFlagsFromString('--semi-space-growth-factor=1')
    // stages and servers collect garbage by it; made when first asked for, since it needs a context of its own, which takes 4 ms
    Object.defineProperty(globalThis, 'gc', {
      configurable: true,
      get() {
        setFlagsFromString('--expose-gc')
        const value = process.getBuiltinModule('node:vm').runInNewContext('gc')
        Object.defineProperty(globalThis, 'gc', { value })
        return value
      },
    })
    Promise.all([import('./shared/main.ts'), import('./shared/output.ts')]).then(
      async ([{ main }, { watchOutput }]) => {
        watchOutput(process.stdout)
        process.exitCode = await main(process.argv.slice(2))
      },
    )
  }
}
