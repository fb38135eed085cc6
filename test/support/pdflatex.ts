/** LaTeX for tests, where the machine has it: Debian's texlive-latex-base and -recommended. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why tests that need LaTeX are skipped; undefined where it is there. */
export const noLatex = existsSync('/usr/bin/pdflatex')
  ? undefined
  : 'no pdflatex here: apt-get install texlive-latex-base texlive-latex-recommended'

/** @returns the errors that pdflatex finds in the body of a document; none for one that it makes a PDF of */
export function latexErrors(body: string): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'dualtree-latex-'))
  try {
    const text = `\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n${body}\n\\end{document}\n`
    writeFileSync(join(directory, 'a.tex'), text)
    try {
      execFileSync('pdflatex', ['-interaction=nonstopmode', 'a.tex'], { cwd: directory, stdio: 'ignore' })
    } catch {}
    const errors = readFileSync(join(directory, 'a.log'), 'latin1').match(/^! .*(\n.*){0,3}/gm) ?? []
    return existsSync(join(directory, 'a.pdf')) ? errors : [...errors, 'no PDF']
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
