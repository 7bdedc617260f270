// Violation: something that must never be, found by a checker. Its name is the same however the run was shrunk.
export class Violation extends Error {
  readonly checker: string
  constructor(checker: string, message: string) {
    super(`${checker}: ${message}`)
    this.checker = checker
  }
}

export function must(condition: boolean, checker: string, message: () => string): asserts condition {
  if (!condition) throw new Violation(checker, message())
}
