// Seeds of commits.
import { commitName } from '../../bench/code-now.ts'

/** A seed of the commit's own: each commit tries worlds that none before it tried. */
export function commitSeed(): number | undefined {
  const name = commitName()
  return name === undefined ? undefined : Number.parseInt(name.slice(0, 8), 16)
}
