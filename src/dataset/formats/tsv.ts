import { defineDelimited } from './delimited.ts'

export const tsv = defineDelimited({
  name: 'tsv',
  summary: 'Tab-separated fields, with or without a header.',
  source: 'IANA text/tab-separated-values; differs: quoted fields and files without a header are read too',
  separators: ['\t'],
  // words with single tabs between them, without quotes or a header, are read by pairs and its kin
  accepts: ({ hasHeader, samples, width }, { extension, text }) =>
    hasHeader ||
    extension === 'tsv' ||
    text.includes('"') ||
    // lists of ids are integers
    (width > 4 && samples.some(row => row.some(field => !/^-?\d+$/.test(field)))) ||
    samples.some(row => row.some(field => /^$|\s/.test(field))),
})
