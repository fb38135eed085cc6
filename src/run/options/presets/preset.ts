/** A preset: a named set of option values, flat as `planRun` takes them. What a person gives beside it wins. */
export interface Preset {
  /** as typed on the command line: lower case, words joined by hyphens */
  readonly name: string
  /** one sentence */
  readonly summary: string
  /** where the values come from */
  readonly source: string
  readonly values: Readonly<Record<string, unknown>>
}
