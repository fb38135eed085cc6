/** Runs a program where Node can read TypeScript. CommonJS, so that any Node can read this and say which it needs. */
module.exports = load => {
  const needed = require('../package.json').engines.node.replace('>=', '')
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [least, leastMinor] = needed.split('.').map(Number)
  if (major > least || (major === least && minor >= leastMinor)) return load()
  process.stderr.write(`error: dualtree needs Node ${needed} or later, this is ${process.versions.node}\n`)
  process.exitCode = 2
}
