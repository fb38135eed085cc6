import { z } from 'zod'
import { choice, integer, number } from '../options.ts'

/** How both index trees are built. */
export const treeOptions = z.object({
  branches: integer(2, 127).default(4).describe('maximum number of children of a node; k of its k-means'),
  leafSize: integer(1).default(30).describe('a node with more items than this is split again').meta({ unit: 'items' }),
  maxShare: number(1, 127)
    .default(1.6)
    .describe('a child holds at most this many times an equal share of its parent (1: all equal)'),
  balance: choice(['nearest', 'released', 'none']).describe(
    "what a child beyond --max-share does: gives its farthest items to the nearest child with room, the tail of its list to the smallest child (as the paper's released code), or stays as it is",
  ),
  restarts: integer(1, 100).default(10).describe('k-means runs per node, the best kept; time grows with it'),
  iterations: integer(1, 1000).default(50).describe('maximum number of rounds of a k-means run'),
  eigenvectors: integer(1, 256)
    .default(32)
    .describe('dimensions of the structural view: eigenvectors after the first; time grows with it'),
})

export type TreeOptions = z.output<typeof treeOptions>
