// Bugs: deliberate mistakes in the engine, as replacements of text, each applied to a copy of the project in which the
// simulation then runs. One that is not found within 500 seeds is a hole in the checkers.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, 'test/simulation/bugs')
const COPIED = [
  'machines',
  'engine',
  'connectors',
  'cli',
  'graphql',
  'test/helpers',
  'test/simulation',
  'test/campaigns',
]

export interface Bug {
  readonly name: string
  readonly says: string
  readonly file: string
  readonly edits: readonly { readonly find: string; readonly replace: string }[]
}

export function readBugs(): readonly Bug[] {
  const names = readdirSync(FOLDER).filter(name => name.endsWith('.json'))
  return names.sort().map(name => ({
    name: name.replace('.json', ''),
    ...JSON.parse(readFileSync(join(FOLDER, name), 'utf8')),
  }))
}

/** The file with the bug in it; undefined where the code has moved on and the replacement finds nothing, or too much. */
export function withBug({ edits, file }: Bug): string | undefined {
  let code = readFileSync(join(ROOT, file), 'utf8')
  for (const { find, replace } of edits) {
    if (code.split(find).length !== 2) return undefined
    code = code.replace(find, () => replace)
  }
  return code
}

export interface Hunt {
  /** The first line of what the simulation said, with the seed; undefined when it found nothing. */
  readonly found: string | undefined
  readonly seeds: number
}

/** Simulates with `bug` in the engine, up to `seedsMax` seeds. */
export async function hunt(bug: Bug, seedsMax = 500, seed = 1): Promise<Hunt> {
  const code = withBug(bug)
  if (code === undefined) throw new Error(`${bug.name}: ${bug.file} has moved on; write the replacement anew`)
  const folder = mkdtempSync(join(tmpdir(), 'ordertwin-bug-'))
  try {
    for (const part of COPIED) cpSync(join(ROOT, part), join(folder, part), { recursive: true })
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, bug.file), code)
    const args = [join(folder, 'test/simulation/hunt.ts'), String(seed), String(seedsMax)]
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    const [out] = await Promise.all([text(child.stdout), text(child.stderr)])
    const [seeds = '0', ...found] = out.trim().split('\n')
    return { found: found.length === 0 ? undefined : found.join(' '), seeds: Number(seeds) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
