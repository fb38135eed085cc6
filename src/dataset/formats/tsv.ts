import { defineDelimited } from './delimited.ts'

export const tsv = defineDelimited({
  name: 'tsv',
  summary: 'Rows of fields separated by tabs, with or without a header.',
  source: 'IANA text/tab-separated-values; differs: quoted fields and files without a header are read too',
  separators: ['\t'],
  // plain words with single tabs between them, and no header, are read by pairs and its kin
  accepts: ({ hasHeader, samples }, { extension }) =>
    hasHeader || extension === 'tsv' || samples.some(fields => fields.some(field => /\s/.test(field) || field === '')),
})
