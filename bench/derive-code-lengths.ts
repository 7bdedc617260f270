// Writes engine/packing/code-lengths.ts from what the entries of stores look like: node bench/derive-code-lengths.ts FOLDER…
// Lengths are part of the format: to be run again only where entries get a new one.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { journalFolder } from '../cli/store.ts'
import { EVENT_ENTRY, plainBody } from '../engine/entry-codec.ts'
import { openSegmentJournal } from '../engine/journal/segment-journal.ts'
import { CODE_BITS_MAX, CONTEXTS, contextBehind, ESCAPE } from '../engine/packing/prefix-code.ts'

/** How often each byte comes in each context. */
async function countsOf(stores: readonly string[]): Promise<readonly number[][]> {
  const counts = Array.from({ length: CONTEXTS }, () => new Array<number>(256).fill(0))
  for (const data of stores) {
    const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes })
    for await (const frames of journal.scan(0))
      for (const { body, kind } of frames) if (kind === EVENT_ENTRY) count(plainBody(body), counts)
    await journal.close()
  }
  return counts
}

function count(plain: Uint8Array, counts: readonly number[][]): void {
  let context = 0
  for (const byte of plain.subarray(1)) {
    const row = counts[context] as number[]
    row[byte] = (row[byte] as number) + 1
    context = contextBehind(byte)
  }
}

/** Lengths of one context: as many of its most frequent bytes have a code of their own as makes the least bits in sum. */
function lengthsOf(counts: readonly number[]): readonly number[] {
  const byFrequency = counts.map((_, byte) => byte).sort((a, b) => (counts[b] as number) - (counts[a] as number))
  let best: { readonly bits: number; readonly lengths: readonly number[] } | undefined
  for (let own = 0; own < 256; own++) {
    const coded = byFrequency.slice(0, own)
    if (own > 0 && counts[coded.at(-1) as number] === 0) break
    const rest = byFrequency.slice(own).reduce((sum, byte) => sum + (counts[byte] as number), 0)
    // An escape that never came here may still come elsewhere.
    const weights = [...coded.map(byte => counts[byte] as number), Math.max(1, rest)]
    const each = limitedLengths(weights)
    const bits = weights.reduce((sum, weight, index) => sum + weight * (each[index] as number), 8 * rest)
    if (best !== undefined && bits >= best.bits) continue
    const lengths = new Array<number>(257).fill(0)
    for (const [index, byte] of [...coded, ESCAPE].entries()) lengths[byte] = each[index] as number
    best = { bits, lengths }
  }
  return best?.lengths ?? []
}

interface Package {
  readonly weight: number
  readonly symbols: readonly number[]
}

/** Lengths of the best prefix code of at most CODE_BITS_MAX bits (package-merge: Larmore and Hirschberg, 1990). */
function limitedLengths(weights: readonly number[]): readonly number[] {
  const lengths = new Array<number>(weights.length).fill(0)
  if (weights.length === 1) throw new Error('derive: a context that these stores never come to')
  const single: readonly Package[] = weights.map((weight, symbol) => ({ weight, symbols: [symbol] })).sort(byWeight)
  let packages: readonly Package[] = []
  for (let level = 0; level < CODE_BITS_MAX; level++) packages = [...single, ...pairsOf(packages)].sort(byWeight)
  for (const { symbols } of packages.slice(0, 2 * weights.length - 2))
    for (const symbol of symbols) lengths[symbol] = (lengths[symbol] as number) + 1
  return lengths
}

const byWeight = (a: Package, b: Package): number => a.weight - b.weight

function pairsOf(packages: readonly Package[]): readonly Package[] {
  const pairs: Package[] = []
  for (let at = 0; at + 1 < packages.length; at += 2) {
    const [one, other] = [packages[at] as Package, packages[at + 1] as Package]
    pairs.push({ weight: one.weight + other.weight, symbols: [...one.symbols, ...other.symbols] })
  }
  return pairs
}

/** A digit for each byte and one for the escape, in base 16; a row for each context. */
const textOf = (
  rows: readonly (readonly number[])[],
): string => `// Code lengths: what prefix-code.ts codes bytes with. Part of the format. Made by bench/derive-code-lengths.ts.

/** A row for each context: a digit in base 16 for each byte, its code's length in bits, 0 where it is escaped; the last is the escape's. */
export const CODE_LENGTHS: readonly string[] = [
${rows.map(row => `  '${row.map(length => length.toString(16)).join('')}',`).join('\n')}
]
`

const counts = await countsOf(process.argv.slice(2))
await writeFile(new URL('../engine/packing/code-lengths.ts', import.meta.url), textOf(counts.map(lengthsOf)))
