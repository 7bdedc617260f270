// docs/OUTCOMES.md and the source name the same outcomes, with the same HTTP status, and the same codes.
import { describe, expect, test } from 'vitest'
import { HTTP_STATUS, isTransient, OUTCOMES } from '../../engine/outcome.ts'
import { sourceFiles, textOf } from './source-files.ts'

const document = textOf('docs/OUTCOMES.md')

/** Cells of the rows of the table under `heading`, without its header. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const section = document.split(/^## /m).find(part => part.startsWith(heading)) ?? ''
  const rows = section.split('\n').filter(line => line.startsWith('|'))
  return rows.slice(2).map(row =>
    row
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  )
}

const nameIn = (cell = ''): string => /^`([a-z_]+)`$/.exec(cell)?.[1] ?? cell

// Where a code is written: as a property, through the makers of obstacles, or as the word for an overload.
const CODES = [
  /\bcode: '([a-z_]+)'/g,
  /\b(?:waits|permission|refused|exceeded|obstacle)\(\s*'([a-z_]+)'/g,
  /\boverloaded\(\s*\w+,\s*'([a-z_]+)'/g,
  /\b(?:ABSENT|[A-Z_]*CODE) = '([a-z_]+)'/g,
]
// The journal's failures reach nobody by name: they become `journal_unavailable`. zod's own issues are `malformed`.
const NOT_CODES = /^engine\/(journal|snapshots)\/|^machines\/events\//

function codesInSource(): readonly string[] {
  const files = sourceFiles().filter(({ path }) => /^(engine|machines)\//.test(path) && !NOT_CODES.test(path))
  const codes = files.flatMap(({ code }) =>
    CODES.flatMap(pattern => [...code.matchAll(pattern)].map(each => each[1] as string)),
  )
  return [...new Set(codes)].sort()
}

describe('docs/OUTCOMES.md', () => {
  const outcomes = rowsUnder('Outcomes')
  const codes = rowsUnder('Codes')

  test('lists every outcome in the order they are tested, with its HTTP status', () => {
    expect(outcomes.map(([outcome, , status]) => [nameIn(outcome), Number.parseInt(status ?? '', 10)])).toEqual(
      OUTCOMES.map(outcome => [outcome, HTTP_STATUS[outcome]]),
    )
  })

  test('says "yes" to sending the same again where the outcome is transient, and only there', () => {
    const again = outcomes.filter(([, , , cell]) => cell?.startsWith('yes')).map(([outcome]) => nameIn(outcome))
    expect(again).toEqual(OUTCOMES.filter(isTransient))
  })

  test('lists every code of the source, each once, under an outcome there is', () => {
    const listed = codes.map(([code]) => nameIn(code))
    expect([...listed].sort()).toEqual(codesInSource())
    for (const [, cell] of codes)
      for (const outcome of cell?.split(', ') ?? []) expect(OUTCOMES).toContain(nameIn(outcome))
  })

  test('every example is JSON whose outcome is one of them', () => {
    const examples = [...document.matchAll(/```json\n([\s\S]*?)```/g)].map(
      ([, text]) => JSON.parse(text ?? '') as { outcome: string },
    )
    expect([...new Set(examples.map(each => each.outcome))].sort()).toEqual([...OUTCOMES].sort())
  })
})
