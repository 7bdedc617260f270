// The simulation is worth what it finds: deliberate bugs, each in a copy of the project. All of them: npm run simulate-bugs.
import { describe, expect, test } from 'vitest'
import { hunt, readBugs, withBug } from './bugs.ts'

const bugs = readBugs()
// One for each kind of promise; the others take the same way.
const SHORT = ['acknowledged-before-sync', 'stale-writer-not-fenced', 'stale-snapshot-believed', 'subscriber-misses']

describe('deliberate bugs', () => {
  test('there are at least 15', () => expect(bugs.length).toBeGreaterThanOrEqual(15))

  test.each(bugs)('$name still fits the code', bug => {
    expect(withBug(bug), `${bug.file} has moved on: write the replacement anew`).toBeDefined()
  })

  test.each(bugs.filter(bug => SHORT.includes(bug.name)))(
    '$says: the simulation finds it',
    async bug => {
      const { found, seeds } = await hunt(bug, 500)
      expect(found, `not found in ${seeds} seeds`).toBeDefined()
    },
    240_000,
  )
})
