import { createRegistry } from '../../registry.ts'
import { parquet } from './parquet.ts'
import { pgvector } from './pgvector.ts'
import { qdrant } from './qdrant.ts'
import { usearch } from './usearch.ts'
import type { ExportTarget } from './vector-export.ts'

export const exportTargets = createRegistry<ExportTarget>('export target', [parquet, pgvector, qdrant, usearch])
