// Target: one way in, the samples its inputs are made of, and what must hold whatever comes in.
import type { Random } from '../../connectors/simulated/random.ts'

export interface Target {
  readonly name: string
  /** The parsers it reaches, `file name`: a parser that no target names fails a test. */
  readonly covers: readonly string[]
  /** Share of all inputs, compared with the others. */
  readonly weight: number
  /** Takes one mutated input. Rejects or throws when something was not as it must be; says what the input was. */
  try(random: Random): Promise<void> | void
  /** The input tried last, to be told with a failure. */
  last(): unknown
}

export class FuzzFailure extends Error {}
