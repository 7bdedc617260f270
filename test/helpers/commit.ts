// Which code this is: the commit checked out here, where git can tell.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Its full name; undefined where there is no git or no repository. */
export function commitName(): string | undefined {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8' })
  const name = status === 0 ? stdout.trim() : ''
  return /^[0-9a-f]{40,}$/.test(name) ? name : undefined
}

/** A seed of the commit's own: each commit tries worlds that none before it tried. */
export function commitSeed(): number | undefined {
  const name = commitName()
  return name === undefined ? undefined : Number.parseInt(name.slice(0, 8), 16)
}
