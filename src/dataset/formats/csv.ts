import { defineDelimited } from './delimited.ts'

export const csv = defineDelimited({
  name: 'csv',
  summary: 'Rows of fields separated by commas, semicolons, bars or "::", with or without a header; also .gz.',
  source: 'RFC 4180; differs: other separators, lines that end in LF, and no header are read too',
  separators: [',', ';', '|', '::', ' '],
  accepts: () => true,
})
