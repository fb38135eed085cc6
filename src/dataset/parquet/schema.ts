/** What our Parquet files are made of: types and codes of the format that both sides of it name. */

export type ColumnType = 'INTEGER' | 'BIGINT' | 'VARCHAR' | 'FLOAT' | 'DOUBLE' | 'FLOAT[]'

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly value: (row: number) => number | bigint | string | number[] | null
}

/** Which files `read.ts` knows how to read; others are left to DuckDB. */
export const CREATED_BY = 'dualtree version 1'

export const MAGIC = 'PAR1'

export const INT32 = 1
export const INT64 = 2
export const FLOAT = 4
export const DOUBLE = 5
export const BYTE_ARRAY = 6

export const PHYSICAL: Readonly<Record<ColumnType, number>> = {
  INTEGER: INT32,
  BIGINT: INT64,
  VARCHAR: BYTE_ARRAY,
  FLOAT,
  DOUBLE,
  'FLOAT[]': FLOAT,
}

export const PLAIN = 0
export const RUNS = 3
export const DICTIONARY = 8

export const DATA_PAGE = 0
export const DICTIONARY_PAGE = 2

export const ZSTD = 6
