/**
 * The few error classes of the project. A message is one line that names the thing, the value, the place and the
 * remedy; the CLI maps the class to an exit code and prints the stack only with `--debug`.
 */
export abstract class DualtreeError extends Error {
  abstract readonly exitCode: number

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** An option or argument that cannot be used: unknown, out of range, contradictory. */
export class UsageError extends DualtreeError {
  readonly exitCode = 2
}

/** Input data that cannot be used; the message says file, line, value and remedy. */
export class DataError extends DualtreeError {
  readonly exitCode = 3
}

/** An output that cannot be written: no permission, no space; the message says where and what to do. */
export class OutputError extends DualtreeError {
  readonly exitCode = 3
}

/** A run that cannot go on: numbers that are not finite, no memory. */
export class RunError extends DualtreeError {
  readonly exitCode = 4
}

/** A budget is used up. What was done is kept, and the same command with a larger budget resumes there. */
export class BudgetError extends DualtreeError {
  readonly exitCode = 5
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
