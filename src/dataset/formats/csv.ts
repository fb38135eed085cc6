import { defineDelimited } from './delimited.ts'

export const csv = defineDelimited({
  name: 'csv',
  summary: 'Fields separated by commas, semicolons, bars, "::", "^", "~" or control-A, with or without a header.',
  source:
    'RFC 4180; differs: other separators, single quotes, any end of line, stray quotes and no header are read too',
  separators: [',', ';', '|', '::', '\u0001', '^', '~', ' '],
  accepts: () => true,
})
