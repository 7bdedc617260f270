// `ordertwin history REF`: everything that was said of an order, and what came of it.
import { defineCommand } from 'citty'
import type { JournalEntry } from '../../engine/entry.ts'
import type { Erasure } from '../../engine/sealing/erasure.ts'
import type { Twin } from '../../engine/twin.ts'
import { isDeskEventType } from '../../machines/event-types.ts'
import { placeMs } from '../../machines/ids.ts'
import { isoTime } from '../../machines/time.ts'
import { readConfig } from '../config.ts'
import { Refused } from '../exit.ts'
import { openExisting } from '../store.ts'

const PAGE = 10_000

export const history = defineCommand({
  meta: { name: 'history', description: "Print an order's full history" },
  args: {
    ref: { type: 'positional', required: true, description: 'Order id, or any business number', valueHint: 'REF' },
    json: { type: 'boolean', default: false, description: 'One JSON object per entry' },
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
  },
  async run({ args }) {
    const config = await readConfig(args.config, process.env)
    const twin = await openExisting(config)
    try {
      const entries = twin.opened(await historyOf(twin, args.ref))
      const erasure = twin.erasure(entries[0]?.family ?? '')
      if (erasure !== undefined && !args.json) console.error(erasedLine(erasure))
      console.log(entries.map(entry => (args.json ? JSON.stringify(entry) : line(entry))).join('\n'))
    } finally {
      await twin.close()
    }
  },
})

const erasedLine = ({ atMs, by, reason }: Erasure): string =>
  `personal values were erased ${isoTime(atMs)} by ${by}: ${reason}`

/** Every entry of the one order `ref` means, of a retired one from its retirement on. Throws Refused when it means none, or several. */
export async function historyOf(twin: Twin, ref: string): Promise<readonly JournalEntry[]> {
  const found = await twin.find(ref)
  if (found.kind === 'none') throw new Refused(`nothing here has the number ${ref}`)
  const ids = found.kind === 'retired' ? found.orders.map(({ id }) => id) : found.holders.map(({ family }) => family.id)
  const [only] = ids
  if (only === undefined || ids.length > 1) throw new Refused(`${ref} means more than one order: ${ids.join(', ')}`)
  return twin.entries(only, { after: 0, first: PAGE })
}

/** Why a person did it, or what they noted. */
function wordsOf({ event }: JournalEntry): string {
  if (!isDeskEventType(event.type)) return ''
  const { person, reason, team, text } = event.data as Readonly<Record<string, string | undefined>>
  return [reason, text, team, person].filter(word => word !== undefined).join(', ')
}

/** One entry as a line: when it happened, what was said by whom about what, what came of it and why. */
function line(entry: JournalEntry): string {
  const { detail, event, from, place, to, verdict } = entry
  const moved = from !== to && to !== undefined ? `${from ?? '·'} → ${to}` : ''
  const { override } = detail
  const why = [detail.reason ?? '', override === undefined ? '' : `(forced: ${override})`, wordsOf(entry)]
  const woken = entry.cause === undefined ? '' : '(after waiting)'
  return [
    isoTime(placeMs(place)),
    verdict.padEnd(20),
    event.type.padEnd(24),
    event.subject.padEnd(24),
    event.source.padEnd(16),
    moved,
    ...why,
    woken,
  ]
    .filter(part => part !== '')
    .join('  ')
}
