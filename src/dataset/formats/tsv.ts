import { defineDelimited } from './delimited.ts'

export const tsv = defineDelimited({
  name: 'tsv',
  summary: 'Rows of fields separated by tabs, with or without a header; also .gz.',
  source: 'IANA text/tab-separated-values; differs: quoted fields and files without a header are read too',
  separators: ['\t'],
  // plain words with tabs between them, and no header, are read by pairs and its kin, ragged or not
  accepts: ({ hasHeader }, { extension }) => hasHeader || extension === 'tsv',
})
