// Every rule of docs/SPEC.md and docs/SPEC-face.md is named by a test title; every numbered rule at the top of an engine
// file stands in docs/SPEC.md; every rule a title names exists.
import { describe, expect, test } from 'vitest'
import { namesIn, type SourceFile, sourceFiles, textOf } from './source-files.ts'

const files = sourceFiles()

/** Ids in the first cell of table rows: `| E1 | …`. */
const rulesOf = (path: string): readonly string[] =>
  [...textOf(path).matchAll(/^\| ([A-Z]\d+) \|/gm)].map(each => each[1] as string)

/** `//   E1  …` in the lines before the first import or statement. */
const numberedRules = ({ text }: SourceFile): readonly string[] =>
  [...text.matchAll(/^\/\/ {3}([A-Z]\d+) {2}/gm)].map(each => each[1] as string)

/** Rules that strings in `tests` name in brackets: titles, as strings hold nothing of the kind otherwise. */
function named(tests: readonly SourceFile[]): ReadonlySet<string> {
  const strings = tests.flatMap(({ code }) => [...code.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`[^`]*`/g)])
  return new Set(strings.flatMap(([text]) => [...text.matchAll(/\[([A-Z]\d+)\]/g)].map(each => each[1] as string)))
}

// Connectors number the rules of each file for themselves; their tests stand beside each other.
const connectorTests = files.filter(({ path }) => path.startsWith('test/connectors/'))
const otherTests = files.filter(({ path }) => /^test\/(?!connectors\/|layout\/)/.test(path))

const specs = namesIn('docs', /^SPEC.*\.md$/).map(name => `docs/${name}`)
const rules = specs.flatMap(rulesOf)

describe('rules', () => {
  test('have an id each', () => {
    expect(rules.filter((rule, index) => rules.indexOf(rule) !== index)).toEqual([])
  })

  test.each(specs)('%s: each is named by a test title', path => {
    const titles = named(otherTests)
    expect(rulesOf(path).filter(rule => !titles.has(rule))).toEqual([])
  })

  test('at the top of engine files stand in docs/SPEC.md', () => {
    const known = new Set(rulesOf('docs/SPEC.md'))
    const unknown = files
      .filter(({ path }) => path.startsWith('engine/'))
      .flatMap(file =>
        numberedRules(file)
          .filter(rule => !known.has(rule))
          .map(rule => `${rule} of ${file.path}`),
      )
    expect(unknown).toEqual([])
  })

  test('at the top of connector files are named by their tests', () => {
    const titles = named(connectorTests)
    const missing = files
      .filter(({ path }) => path.startsWith('connectors/'))
      .flatMap(file =>
        numberedRules(file)
          .filter(rule => !titles.has(rule))
          .map(rule => `${rule} of ${file.path}`),
      )
    expect(missing).toEqual([])
  })

  test('that titles name exist', () => {
    expect([...named(otherTests)].filter(rule => !rules.includes(rule)).sort()).toEqual([])
  })
})
