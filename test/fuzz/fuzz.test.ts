// Hostile input, the short form of `npm run fuzz`; and a parser without a fuzz target is a failing test.
import { describe, expect, test } from 'vitest'
import { sourceFiles } from '../layout/source-files.ts'
import { fuzz } from './fuzz-run.ts'
import { pureTargets } from './pure-targets.ts'
import { wireTargets } from './wire-targets.ts'

const SEED = 20_261_121
const INPUTS = 50_000

// Read what we have written ourselves, or what the person at the command line has.
const TRUSTED = /^cli\/(?!import-files)|^engine\//

describe('hostile input', () => {
  test(`${INPUTS} mutated inputs: no crash, no 5xx, nothing over a second, the twin goes on`, async () => {
    const report = await fuzz(SEED, INPUTS)
    expect(report.failure).toBeUndefined()
    expect(Object.values(report.perTarget).every(count => count > 100)).toBe(true)
  }, 400_000)

  test('every parser has a target', async () => {
    const wire = await wireTargets()
    await wire.close()
    const covered = new Set([...(await pureTargets()), ...wire.targets].flatMap(target => target.covers))
    const parsers = sourceFiles()
      .filter(({ path }) => /^(machines|connectors|graphql|cli)\//.test(path) && !TRUSTED.test(path))
      .flatMap(({ bare, path }) =>
        [...bare.matchAll(/^export (?:async )?(?:function\*?|const) ((?:parse|read)[A-Z]?\w*)\b/gm)].map(
          ([, name]) => `${path} ${name}`,
        ),
      )
    expect(parsers.length).toBeGreaterThan(10)
    expect(parsers.filter(parser => !covered.has(parser))).toEqual([])
    expect([...covered].filter(parser => !parsers.includes(parser))).toEqual([])
  })
})
