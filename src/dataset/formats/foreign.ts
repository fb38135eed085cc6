/** Texts that people take for data and that are none, or none that is read: each known by its beginning. */
import type { Sniff } from './format.ts'

// each repetition is one line: one that could also be two would take a time without end on blank lines
const FOREIGN: readonly [what: string, pattern: RegExp, remedy: string][] = [
  ['a pointer of Git LFS, not the data', /^version https:\/\/git-lfs/, 'fetch the file itself (git lfs pull)'],
  [
    'a page of HTML or XML, perhaps in place of a download',
    /^\s*<(!doctype|html|\?xml|table|error)/i,
    'download the file again, or export the table as CSV',
  ],
  [
    'SQL statements',
    /^([ \t\r]*(--.*)?\n)*[ \t]*(insert\s+into|create\s+table|drop\s+table|set\s+\w+\s*=|\/\*!)/i,
    'load them into the database and export the table as CSV',
  ],
  [
    'an access log of a web server',
    /^\S+ \S+ .*\[\d{1,2}\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "/,
    'write user, page and time of each line as CSV',
  ],
  ['a log in the format of the W3C', /^(#.*\n)*#fields:/i, 'write user, page and time of each line as CSV'],
  ['lines of name=value', /^(([^=\n]*(?<![^\s,])[\w.@-]+=("[^"\n]*"|[^\s,"&]+)(?![^\s,])){2}[^\n]*\n){2}/, 'write the values as CSV or JSON'], // biome-ignore format: one line
  [
    'a log with JSON behind other text',
    /^([^\s{[][^\n\t{]* \{"[^\n]*\}[ \t\r]*\n){2}/,
    'write the objects alone, one a line',
  ],
  ['objects as Scala prints them', /^([A-Z]\w*)\([^()\n]*,[^()\n]*\)[ \t\r]*\n\1\(/, 'write their fields as CSV'],
  ['a table drawn with lines', /^(shape: \([\d, ]+\)\n)?[┌╭╔┏]/, 'write it as CSV'],
  [
    'users above their items ("0|144")',
    /^\d+\|\d+\n(\d+\t[^\n]*\n){2}/,
    'write a row of user and item for each line below',
  ],
  ['tuples of Python', /^\s*\[?\(.*,.*\)/, 'write a row of each by the module csv'],
  ['an ARFF file', /^((%.*|[ \t\r]*)\n)*[ \t]*@relation\b/i, 'export the table as CSV'],
  ['a dense matrix (MatrixMarket array)', /^%%MatrixMarket\s+matrix\s+array/i, 'write it as coordinates'],
  [
    'lines of Vowpal Wabbit',
    /^((([-+\d.]+[ \t]+){1,2}[^\s|]*)?\|[A-Za-z]\w*[ \t]+[^\n]*\n){2,}/,
    'write a row of user and item for each line',
  ],
  [
    'lines of index:value pairs (svmlight)',
    /^([ \t\r\n]*[-+\d.]+([ \t]+\d+:[-+\d.eE]+)+[ \t\r]*\n){2,}/,
    'write a row of user, item, value for each pair',
  ],
]

/** What a text is that is known and not read, and what to do; the formats that take many texts leave such a one alone. */
export function foreignText({ text }: Sniff): { readonly what: string; readonly remedy: string } | undefined {
  const beginning = text.toString('utf8', 0, 4096)
  const [what, , remedy] = FOREIGN.find(([, pattern]) => pattern.test(beginning)) ?? []
  return what === undefined || remedy === undefined ? undefined : { what, remedy }
}
