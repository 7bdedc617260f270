// What docs/ARCHITECTURE.md says about how the code is laid out, checked against the code.
import { describe, expect, test } from 'vitest'
import { type Import, type SourceFile, sourceFiles } from './source-files.ts'

const files = sourceFiles()
const byPath = new Map(files.map(file => [file.path, file]))
const ours = files.filter(file => !/^(test|bench)\//.test(file.path))
const pure = files.filter(file => /^(machines|engine)\//.test(file.path))

/** The most specific of the folders the dependency rule names; `other` is the top level. */
const FOLDERS = [
  'engine/journal',
  'engine/snapshots',
  'engine/projections',
  'engine',
  'machines',
  'connectors',
] as const
const MORE_FOLDERS = ['graphql', 'cli', 'bench', 'test'] as const
type Folder = (typeof FOLDERS)[number] | (typeof MORE_FOLDERS)[number] | 'other'

const folderOf = (path: string): Folder =>
  [...FOLDERS, ...MORE_FOLDERS].find(folder => path.startsWith(`${folder}/`)) ?? 'other'

// Leaves of engine/: nouns and bytes its parts share. They import only machines/ and each other.
const LEAVES = new Set([
  'engine/actors.ts',
  'engine/bytes.ts',
  'engine/copy-on-write.ts',
  'engine/document-list.ts',
  'engine/entry.ts',
  'engine/entry-codec.ts',
  'engine/family.ts',
  'engine/family-codec.ts',
  'engine/hash.ts',
  'engine/hash-run.ts',
  'engine/hash-slots.ts',
  'engine/hash-table.ts',
  'engine/bits.ts',
  'engine/links.ts',
  'engine/outcome.ts',
  'engine/packing/code-lengths.ts',
  'engine/packing/contexts.ts',
  'engine/packing/documents.ts',
  'engine/packing/forms.ts',
  'engine/packing/names.ts',
  'engine/packing/prefix-code.ts',
  'engine/packing/reader.ts',
  'engine/packing/same.ts',
  'engine/packing/sealed.ts',
  'engine/packing/states.ts',
  'engine/packing/tags.ts',
  'engine/packing/texts.ts',
  'engine/packing/words.ts',
  'engine/packing/writer.ts',
])

/** Which folders each may import values from, besides itself. */
const VALUES: Readonly<Record<Folder, readonly Folder[]>> = {
  machines: [],
  'engine/journal': ['machines'],
  'engine/snapshots': ['machines', 'engine/journal'],
  'engine/projections': ['machines', 'engine/journal'],
  engine: ['machines', 'engine/journal', 'engine/snapshots', 'engine/projections'],
  connectors: ['machines'],
  graphql: ['machines', 'engine', 'engine/journal', 'engine/projections'],
  cli: ['machines', 'engine', 'engine/journal', 'engine/snapshots', 'engine/projections', 'connectors', 'graphql'],
  bench: [...FOLDERS, ...MORE_FOLDERS, 'other'],
  test: [...FOLDERS, ...MORE_FOLDERS, 'other'],
  other: ['cli'],
}

/** The same for types, where that is more: within engine/ any direction, since types vanish when it runs. */
const ENGINE = ['engine/journal', 'engine/snapshots', 'engine/projections', 'engine'] as const
const TYPES: Partial<Record<Folder, readonly Folder[]>> = {
  'engine/journal': ENGINE,
  'engine/snapshots': ENGINE,
  'engine/projections': ENGINE,
  connectors: ['engine'],
}

const isOurs = ({ from }: Import): boolean => byPath.has(from)

function mayImport(file: SourceFile, { from, isType }: Import): boolean {
  const [source, target] = [folderOf(file.path), folderOf(from)]
  if (source === target && !LEAVES.has(file.path)) return true
  if (LEAVES.has(file.path)) return LEAVES.has(from) || target === 'machines' || (isType && target.startsWith('engine'))
  if (LEAVES.has(from) && source.startsWith('engine/')) return true
  return VALUES[source].includes(target) || (isType && (TYPES[source] ?? []).includes(target))
}

describe('the dependency rule', () => {
  test('every import goes from a folder to one it may know', () => {
    const wrong = files.flatMap(file =>
      file.imports
        .filter(each => isOurs(each) && !mayImport(file, each))
        .map(each => `${file.path} imports ${each.isType ? 'types' : 'values'} from ${each.from}`),
    )
    expect(wrong).toEqual([])
  })

  test('every import within the project is of a file that exists', () => {
    const gone = files.flatMap(file =>
      file.imports
        .filter(({ from }) => from.endsWith('.ts') && !byPath.has(from))
        .map(({ from }) => `${file.path} imports ${from}`),
    )
    expect(gone).toEqual([])
  })

  test('no file imports itself through others; types do not count', () => {
    expect(cycles()).toEqual([])
  })

  test('only machines/ and engine/transition.ts know XState', () => {
    const knowing = ours.filter(file =>
      file.imports.some(({ from }) => from === 'xstate' || from.startsWith('xstate/')),
    )
    const strangers = knowing.map(file => file.path).filter(path => !/^machines\/|^engine\/transition\.ts$/.test(path))
    expect(strangers).toEqual([])
  })

  test('only cli/ reads arguments and environment', () => {
    const reading = ours.filter(file => /\bprocess\.(env|argv)\b/.test(file.bare)).map(file => file.path)
    expect(reading.filter(path => !path.startsWith('cli/'))).toEqual([])
  })
})

/** Each cycle of value imports once, as `a → b → a`. */
function cycles(): readonly string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) return void found.push([...trail.slice(start), path].join(' → '))
    if (done.has(path)) return
    for (const each of byPath.get(path)?.imports ?? [])
      if (isOurs(each) && !each.isType) visit(each.from, [...trail, path])
    done.add(path)
  }
  for (const file of files) visit(file.path, [])
  return found
}

describe('machines/ and engine/ are given what they need', () => {
  // Time, randomness and environment come in as arguments: that makes replay and simulation possible.
  const TAKEN: readonly (readonly [string, RegExp])[] = [
    [
      'reads the clock',
      /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\b|\bhrtime\b|\bDateTime\.(now|utc\(\s*\)|local\(\s*\))/,
    ],
    ['makes randomness', /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b|\bcrypto\.random/],
    ['reads the environment', /\bprocess\.(env|argv|cwd|platform|pid)\b/],
    ['waits for a timer', /\bset(Timeout|Interval)\b/],
  ]
  test.each(TAKEN)('no file %s', (_, pattern) => {
    expect(pure.filter(file => pattern.test(file.bare)).map(file => file.path)).toEqual([])
  })

  // Node's modules, and the only files that may import each.
  const NODE_MODULES: Readonly<
    Record<string, { readonly files: RegExp; readonly why: string; readonly names?: RegExp }>
  > = {
    'node:assert/strict': { files: /^engine\//, why: 'broken promises of ours stop the process' },
    'node:buffer': { files: /^(machines|engine)\//, why: 'bytes and text; no I/O' },
    'node:util': { files: /^engine\//, why: 'comparing values', names: /^\{ isDeepStrictEqual \}$/ },
    'node:zlib': {
      files: /^engine\/(journal\/|sealing\/key-files\.ts$)/,
      why: 'CRC-32 of blocks and keys',
      names: /^\{ crc32 \}$/,
    },
    'node:crypto': {
      files: /^engine\/(journal\/|snapshots\/|sealing\/cipher\.ts$)/,
      why: 'SHA-256 of blocks, snapshots and checkpoints, and the cipher of personal values; never randomness, which is passed in',
      names:
        /^\{ (hash as digestOf|createHash, type Hash|createHash|type Cipheriv, createCipheriv, createSecretKey, hash, timingSafeEqual) \}$/,
    },
    'node:fs': { files: /^engine\/journal\/disk-files\.ts$/, why: 'the only door to the disk' },
    'node:fs/promises': {
      files: /^engine\/(journal\/(disk-files|lock)|snapshots\/level-family-store)\.ts$/,
      why: "files, the lock's inode, and removing a LevelDB folder that cannot be opened",
    },
    'node:net': { files: /^engine\/journal\/lock\.ts$/, why: 'the lock is a socket that dies with its process (E10)' },
    'node:os': { files: /^engine\/journal\/lock\.ts$/, why: 'which kind of socket depends on the platform' },
  }
  test('only the files listed reach for the machine they run on', () => {
    const reaching = pure.flatMap(file =>
      file.imports
        .filter(({ from }) => from.startsWith('node:'))
        .filter(({ from, names }) => {
          const allowed = NODE_MODULES[from]
          return allowed === undefined || !allowed.files.test(file.path) || !(allowed.names?.test(names) ?? true)
        })
        .map(({ from, names }) => `${file.path} imports ${names} from ${from}`),
    )
    expect(reaching).toEqual([])
  })
})

describe('the form of a file', () => {
  // Where one idea really is long.
  const LONG: Readonly<Record<string, string>> = {
    'engine/engine.ts': 'the one loop: the order of what happens in a turn is its subject',
  }
  const LINES_MAX = 400
  test(`no file is longer than ${LINES_MAX} lines, but those that say why`, () => {
    const long = ours.filter(file => file.lines > LINES_MAX).map(file => file.path)
    expect(long.filter(path => !(path in LONG))).toEqual([])
  })

  test('no default exports outside *.config.ts', () => {
    const withDefault = files.filter(file => /^export default\b|\bas default\b/m.test(file.bare)).map(file => file.path)
    expect(withDefault.filter(path => !path.endsWith('.config.ts'))).toEqual([])
  })

  // Biome refuses each `any` that has no reason written above it; here the files without a reason have none.
  const HAS_REASON = /biome-ignore lint\/suspicious\/noExplicitAny: \S/
  test('no `any`, but with a reason', () => {
    const loose = files.filter(file => /(?:[:<,=|&([]|\bas|\bkeyof)\s*any\b(?!\s*[:'(])/.test(file.bare))
    expect(loose.filter(file => !HAS_REASON.test(file.text)).map(file => file.path)).toEqual([])
  })

  test('every file says in its first lines what it is, but tests and configuration', () => {
    const mute = ours.filter(file => !/^(#!.*\n)?\/\/ /.test(file.text) && !file.path.endsWith('.config.ts'))
    expect(mute.map(file => file.path)).toEqual([])
  })
})
