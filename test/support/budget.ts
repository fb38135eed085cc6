/** What `npm test` tries a few of and `.ci/run` tries all of: rounds, faults, versions. DUALTREE_TEST_BUDGET=full is the latter. */
export const IS_FULL = process.env.DUALTREE_TEST_BUDGET === 'full'

export function budget<T>(few: T, all: T): T {
  return IS_FULL ? all : few
}
