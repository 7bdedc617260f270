// Source files as the layout tests read them: where each one belongs, what it imports, its code without comments.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Import {
  /** Path within the project, or the bare name of a package. */
  readonly from: string
  /** Erased when it runs: everything it names is a type. */
  readonly isType: boolean
  readonly names: string
}

export interface SourceFile {
  readonly path: string
  readonly lines: number
  readonly text: string
  /** The text without comments; strings are kept. */
  readonly code: string
  /** The code without what stands in strings. */
  readonly bare: string
  readonly imports: readonly Import[]
}

const SKIPPED = new Set(['node_modules', 'coverage', 'store'])

/** Every TypeScript file of the project, by path with forward slashes; hidden folders are not looked into. */
export function sourceFiles(folder = ''): readonly SourceFile[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true })
  return entries.flatMap(entry => {
    const path = posix.join(folder, entry.name)
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) return []
    if (entry.isDirectory()) return sourceFiles(path)
    return path.endsWith('.ts') ? [sourceFile(path)] : []
  })
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** The members of `folder` whose names match. */
export const namesIn = (folder: string, pattern: RegExp): readonly string[] =>
  readdirSync(join(ROOT, folder)).filter(name => pattern.test(name))

function sourceFile(path: string): SourceFile {
  const text = textOf(path)
  const code = text.replace(TOKENS, token => (token.startsWith('/') ? '' : token))
  const bare = code.replace(TOKENS, token => (token.startsWith('`') ? templateCode(token) : "''"))
  return { path, text, code, bare, lines: text.split('\n').length - 1, imports: importsOf(path, code) }
}

// Strings, templates and comments. A quote in a regular expression may be taken for a string, to the end of its line at most.
const TOKENS = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

/** What a template literal computes. */
const templateCode = (token: string): string =>
  `(${[...token.matchAll(/\$\{([^}]*)\}/g)].map(each => each[1]).join(';')})`

const IMPORT = /^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s+'([^']+)'/gm
const BARE_IMPORT = /(?:^import\s+|\bimport\(\s*)'([^']+)'/gm

function importsOf(path: string, code: string): readonly Import[] {
  const named = [...code.matchAll(IMPORT)].map(([, type, names = '', from = '']) => ({
    from: resolved(path, from),
    isType: type !== undefined || isTypesOnly(names),
    names,
  }))
  const bare = [...code.matchAll(BARE_IMPORT)].map(([, from = '']) => ({
    from: resolved(path, from),
    isType: false,
    names: '',
  }))
  return [...named, ...bare]
}

function isTypesOnly(names: string): boolean {
  const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1]
  const members =
    inner
      ?.split(',')
      .map(member => member.trim())
      .filter(member => member !== '') ?? []
  return members.length > 0 && members.every(member => member.startsWith('type '))
}

const resolved = (path: string, from: string): string =>
  from.startsWith('.')
    ? relative('.', join(dirname(path), from))
        .split(sep)
        .join('/')
    : from
