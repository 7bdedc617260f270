// Convergence: the journal against worlds without a disk, without batches and without faults.
import { type JournalEntry, retirementIn } from '../../engine/entry.ts'
import type { EngineLimits } from '../../engine/limits.ts'
import type { EventInput } from '../../machines/event.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { MemoryWorld } from '../helpers/memory-world.ts'
import { difference, endOf } from '../helpers/orderings.ts'
import { fingerprint, type History } from './history.ts'
import { lacks, type Vault, VaultSeals } from './vault.ts'
import { must } from './violation.ts'

class ReplayedWorld extends MemoryWorld {
  private next = 1
  declare readonly seals: VaultSeals

  override get nextPosition(): number {
    return this.next
  }

  standAt(entry: JournalEntry): void {
    this.next = entry.position
    this.nowMs = entry.recordedMs
    this.seals.standAt(entry.position)
  }
}

/**
 * Judges what the journal says was sent once more, one event at a time with everything at hand: the same entries must come
 * out, byte for byte, whatever batches, evictions, crashes and rebuilt snapshots there were on the way.
 */
export function checkRejudged(
  entries: readonly JournalEntry[],
  { erasures, retirements }: Pick<History, 'erasures' | 'retirements'>,
  { limits, vault }: { readonly limits: Partial<EngineLimits>; readonly vault: Vault },
): MemoryWorld {
  const seals = new VaultSeals(vault, entries, { erasures, retirements })
  const world = new ReplayedWorld({ sources: SOURCES, once: true, limits, seals })
  for (let index = 0; index < entries.length; ) {
    const first = entries[index] as JournalEntry
    if (retirementIn(first) !== undefined) {
      world.commit([first])
      index++
      continue
    }
    must(first.cause === undefined, 'units', () => `position ${first.position} was woken by ${first.cause}, by itself`)
    world.standAt(first)
    // One of its orders had been erased when it came: it is whole in the others.
    const own = entries.slice(index, index + (first.spread ?? 1))
    const made = world.preview((own.find(each => !lacks(each)) ?? first).event).entries
    must(made.length > 0, 'judged again', () => `position ${first.position}: nothing comes of ${first.event.type} now`)
    for (const [offset, expected] of made.entries()) {
      const actual = entries[index + offset]
      const isSame = actual !== undefined && fingerprint(actual) === fingerprint(expected)
      must(
        isSame || actual === undefined || fingerprint(inOrder(actual)) !== fingerprint(inOrder(expected)),
        'order of actors',
        () => `position ${expected.position}: expected ${expected.actors}, the journal has ${actual?.actors}`,
      )
      must(
        isSame,
        'judged again',
        () => `position ${expected.position}: expected ${told(expected)}, the journal has ${actual && told(actual)}`,
      )
    }
    world.commit(made)
    index += made.length
  }
  return world
}

/** The end must be that of a world which heard what happened in its own order and once. */
export function checkConverged(world: MemoryWorld, legal: readonly EventInput[]): void {
  const ordered = new MemoryWorld({ sources: SOURCES, once: true, seals: world.seals })
  for (const event of legal) ordered.submit(event)
  const lines = difference(endOf(ordered), endOf(world))
  must(lines.length === 0, 'convergence', () => lines.slice(0, 10).join('\n'))
}

/** The same entry with its actors by key. */
const inOrder = (entry: JournalEntry): JournalEntry => ({
  ...entry,
  actors: entry.actors.toSorted(),
  changes: entry.changes.toSorted((one, other) => (one.key < other.key ? -1 : 1)),
})

const told = ({ event, family, verdict, to, detail, cause }: JournalEntry): string =>
  `${event.type} ${event.id} in ${family}: ${verdict} ${detail.code ?? ''} → ${to ?? ''}${cause === undefined ? '' : ` (woken by ${cause})`}`
