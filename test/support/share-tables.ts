/** The tests of a file share the database that tables are written with: opening one takes ten times as long as a small table. */
import { aroundAll } from 'vitest'
import { sharingTables } from '../../src/dataset/files/duckdb.ts'

aroundAll(runTests => sharingTables(runTests))
