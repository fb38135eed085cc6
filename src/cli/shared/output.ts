/** Standard output of the process, which may be closed or full. */
/** A reader that has enough (`| head -1`) ends the command as the reader wants it; a full disk is said. */
export function watchOutput(output: NodeJS.WriteStream): void {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    // imported here, since every start would pay for it
    import('../../files.ts').then(({ cannotWrite }) => {
      process.stderr.write(`error: ${cannotWrite('the standard output', error).message}\n`)
      process.exit(3)
    })
  })
}
