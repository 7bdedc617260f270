// Mutate: seeded mutations that know the structure of what they change: JSON values, JSON texts, bytes, query texts.
import type { Random } from '../../connectors/simulated/random.ts'

const pick = <Item>(items: readonly Item[], random: Random): Item => items[random.whole(items.length)] as Item

// Prototype pollution, numbers at their limits, texts that break regular expressions and encodings.
const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  "'; drop table orders; --",
  '\ud800',
  '\u202e',
  'é'.normalize('NFD'),
  '💥'.repeat(50),
  'a'.repeat(5_000),
  'order/',
  'ref//',
  'shipment/a/b/c',
  'order/O-1\n',
  `${'('.repeat(200)}${')'.repeat(200)}`,
  'x'.repeat(300),
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-11-21',
  '1e999',
  '9007199254740993',
  '-0',
  '=cmd|calc',
  '{{7*7}}',
  'null',
  'true',
] as const
const ODD_NUMBERS = [
  0,
  -0,
  -1,
  0.1,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  Number.MAX_SAFE_INTEGER,
] as const

function oddValue(random: Random): unknown {
  const kinds: readonly (() => unknown)[] = [
    () => null,
    () => random.chance(0.5),
    () => pick(ODD_NUMBERS, random),
    () => pick(ODD_TEXTS, random),
    () => [],
    () => ({}),
    () => nested(2 + random.whole(90), random.chance(0.5)),
    () => Array.from({ length: random.whole(300) }, () => 1),
    () => Object.fromEntries(Array.from({ length: random.whole(50) }, (_, index) => [`k${index}`, index])),
  ]
  return pick(kinds, random)()
}

function nested(depth: number, isArray: boolean): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = isArray ? [value] : { a: value }
  return value
}

/** `value` with one to three changes anywhere in it; what is not changed is shared. */
export function mutatedValue(value: unknown, random: Random): unknown {
  let result = value
  for (let change = 1 + random.whole(3); change > 0; change--) result = changed(result, random, 0)
  return result
}

function changed(value: unknown, random: Random, depth: number): unknown {
  const isContainer = typeof value === 'object' && value !== null
  if (!isContainer || (depth > 0 && random.chance(0.25))) return oddFor(value, random)
  return Array.isArray(value) ? changedList(value, random, depth) : changedMap(value, random, depth)
}

function changedList(list: readonly unknown[], random: Random, depth: number): unknown {
  const at = random.whole(list.length + 1)
  const kinds: readonly (() => unknown)[] = [
    () => list.toSpliced(at, 1),
    () => list.toSpliced(at, 0, oddValue(random)),
    () => [...list, ...list],
    () => list.toReversed(),
    () => list.map((item, index) => (index === at ? changed(item, random, depth + 1) : item)),
    () => list.map((item, index) => (index === at ? changed(item, random, depth + 1) : item)),
  ]
  return pick(kinds, random)()
}

function changedMap(map: object, random: Random, depth: number): unknown {
  const members = Object.entries(map)
  const at = random.whole(Math.max(1, members.length))
  const [name = 'a', value] = members[at] ?? []
  const others = members.filter((_, index) => index !== at)
  // Not by assignment: `__proto__` must become a member, as JSON.parse makes it one.
  const made = (...more: [string, unknown][]) => Object.fromEntries([...others, ...more])
  const kinds: readonly (() => unknown)[] = [
    () => made(),
    () => made([name, oddFor(value, random)]),
    () => made([name, value], [pick(ODD_TEXTS, random), oddValue(random)]),
    () => made([pick(ODD_TEXTS, random), value]),
    () => made([name.toUpperCase(), value]),
    () => made([name, changed(value, random, depth + 1)]),
    () => made([name, changed(value, random, depth + 1)]),
    () => made([name, changed(value, random, depth + 1)]),
  ]
  return pick(kinds, random)()
}

/** Mostly of the same type: what has the wrong type is refused before it is looked at. */
function oddFor(value: unknown, random: Random): unknown {
  if (random.chance(0.3)) return oddValue(random)
  if (typeof value === 'string')
    return random.chance(0.5) ? pick(ODD_TEXTS, random) : mutatedBytes(Buffer.from(value), random).toString()
  if (typeof value === 'number')
    return random.chance(0.5) ? pick(ODD_NUMBERS, random) : value * pick([-1, 10, 0.5, 1e9], random)
  return oddValue(random)
}

/** A text of `value` as no serializer writes it: duplicate keys, escapes, numbers without end, comments, too much white space. */
export function mutatedText(value: unknown, random: Random): Buffer {
  const text = JSON.stringify(mutatedValue(value, random)) ?? ''
  const kinds: readonly (() => string)[] = [
    () => text,
    () => text,
    () => text.replace('{', '{"id":"twice","id":"again",'),
    () => text.replace('{', '{"__proto__":{"polluted":true},'),
    () => text.replace(/"([a-z])/, (_, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`),
    () => text.replace(/\d+/, '1'.repeat(400)),
    () => text.replace(':', ':/* */'),
    () => `${' '.repeat(random.whole(2_000))}${text}\n\n`,
    () => '['.repeat(random.whole(3_000)) + text,
    () => `\uFEFF${text}`,
    () => text.slice(0, random.whole(text.length + 1)),
  ]
  const bytes = Buffer.from(pick(kinds, random)())
  return random.chance(0.3) ? mutatedBytes(bytes, random) : bytes
}

export function mutatedBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.whole(bytes.length + 1)
  const kinds: readonly (() => Buffer)[] = [
    () => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ (1 << random.whole(8)) : byte))),
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), bytes.subarray(at)]),
    () => Buffer.concat([bytes, bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + random.whole(20)))]),
  ]
  return pick(kinds, random)()
}

/** A GraphQL document with words exchanged, repeated, nested. */
export function mutatedQuery(query: string, words: readonly string[], random: Random): string {
  let tokens: string[] = query.match(/[\w$]+|[^\s\w]/g) ?? []
  for (let change = 1 + random.whole(4); change > 0; change--) {
    const at = random.whole(tokens.length)
    const kinds: readonly (() => string[])[] = [
      () => tokens.toSpliced(at, 1),
      () => tokens.toSpliced(at, 0, pick(words, random)),
      () => tokens.toSpliced(at, 1, pick(words, random)),
      () => tokens.toSpliced(at, 0, ...tokens.slice(at, at + random.whole(30))),
      () =>
        tokens.toSpliced(
          at,
          0,
          ...Array.from({ length: random.whole(40) }, () => pick(['{', '}', '(', '@', '...', '!'], random)),
        ),
      () => [...tokens, ...tokens],
    ]
    tokens = pick(kinds, random)().slice(0, 4_000)
    if (tokens.length === 0) tokens = ['{']
  }
  const text = tokens.join(' ')
  return random.chance(0.1) ? mutatedBytes(Buffer.from(text), random).toString() : text
}
