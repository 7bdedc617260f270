// What the documents point at is there: files, dependencies, decisions.
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { namesIn, ROOT, textOf } from './source-files.ts'

const decisions = namesIn('docs/decisions', /^\d{4}-.*\.md$/)
const documents = [
  'README.md',
  ...namesIn('docs', /\.md$/).map(name => `docs/${name}`),
  ...namesIn('docs/decisions', /\.md$/).map(name => `docs/decisions/${name}`),
]

test.each(documents)('%s links to files that exist', path => {
  const targets = [...textOf(path).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(each => each[1] as string)
  expect(targets.filter(target => !existsSync(join(ROOT, dirname(path), target)))).toEqual([])
})

test.each(documents)('%s names files that exist', path => {
  const named = [
    ...textOf(path).matchAll(/`((?:machines|engine|connectors|graphql|cli|bench|test|docs|data)\/[^`\s*…]*)`/g),
  ]
  expect(named.map(each => each[1] as string).filter(name => !existsSync(join(ROOT, name)))).toEqual([])
})

test('what README.md says to send is JSON', () => {
  const bodies = [...textOf('README.md').matchAll(/curl [^']*(?:'[^']*' )*?-d '([^']*)'/g)].map(
    each => each[1] as string,
  )
  expect(bodies.length).toBeGreaterThan(2)
  for (const body of bodies) expect(() => JSON.parse(body), body).not.toThrow()
})

test('each part of the tree in docs/ARCHITECTURE.md is there', () => {
  const tree = /```tree\n([\s\S]*?)```/.exec(textOf('docs/ARCHITECTURE.md'))?.[1] ?? ''
  const missing: string[] = []
  let folders: string[] = []
  for (const line of tree.split('\n')) {
    const [, indent = '', names = ''] = /^( *)(\S+(?:, \S+)*)(?: {2,}|$)/.exec(line) ?? []
    if (names === '') continue
    folders = folders.slice(0, indent.length / 2)
    for (const name of names.split(', ')) if (!existsSync(join(ROOT, ...folders, name))) missing.push(line.trim())
    if (statSync(join(ROOT, ...folders, names), { throwIfNoEntry: false })?.isDirectory()) folders.push(names)
  }
  expect(tree).not.toBe('')
  expect(missing).toEqual([])
})

test('each dependency has its reason in decision 0001, and no other is listed', () => {
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>
  const listed = [...textOf('docs/decisions/0001-dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(each => each[1])
  expect([...listed].sort()).toEqual([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})].sort())
})

test('decisions are numbered once each, from 0001 without a gap, and stand in the index', () => {
  expect(decisions.map(name => Number(name.slice(0, 4)))).toEqual(decisions.map((_, index) => index + 1))
  const index = textOf('docs/decisions/README.md')
  expect(decisions.filter(name => !index.includes(`(${name})`))).toEqual([])
})
