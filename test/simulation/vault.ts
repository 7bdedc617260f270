// Vault: every key a run ever used, those destroyed too, which nobody but the checkers keeps. With it they read what was sealed,
// judge again as it was judged then, and see that what was erased is nowhere else.
import { isDeepStrictEqual } from 'node:util'
import type { Engine } from '../../engine/engine.ts'
import { isSealedAlone, type JournalEntry } from '../../engine/entry.ts'
import { type Family, isWaitingFamily } from '../../engine/family.ts'
import { eventKey } from '../../engine/said.ts'
import { cipherKey, openedBox, sealedBox } from '../../engine/sealing/cipher.ts'
import type { Erasure } from '../../engine/sealing/erasure.ts'
import type { KeyFiles } from '../../engine/sealing/key-files.ts'
import { ERASED } from '../../engine/sealing/keyring.ts'
import type { Seals } from '../../engine/sealing/seals.ts'
import { ERASED_TEXT, type KeyOwner, tokenOf, tokenText } from '../../engine/sealing/token.ts'
import type { EventInput } from '../../machines/event.ts'
import { eventTypeOf, personalFieldsOf } from '../../machines/event-types.ts'
import { isSealed, withPersonal } from '../../machines/events/personal.ts'
import type { MemoryFiles } from '../helpers/memory-files.ts'
import type { History } from './history.ts'
import { must } from './violation.ts'

// Beyond all keys of a run: of what is judged and then kept nowhere.
const SPARE_KEY = 2 ** 41

export class Vault {
  private readonly keys = new Map<number, Buffer>([[SPARE_KEY, Buffer.alloc(32)]])

  /** Keeps what `files` holds now, and whatever it holds before it destroys any. */
  watch(files: KeyFiles): void {
    this.learn(files)
    const destroy = files.destroy.bind(files)
    files.destroy = slots => {
      this.learn(files)
      return destroy(slots)
    }
  }

  learn(files: KeyFiles): void {
    for (let slot = 0; slot < files.made; slot++) {
      const key = files.keyIn(slot)
      if (key !== undefined) this.keys.set(slot, Buffer.from(key))
    }
  }

  open(token: string): { readonly value: unknown } | undefined {
    const parts = tokenOf(token)
    const key = parts && this.keys.get(parts.key)
    return parts && key && openedBox(cipherKey(key), parts.box)
  }

  seal(owner: KeyOwner, key: number, value: unknown): string {
    return tokenText({ owner, key, box: sealedBox(cipherKey(this.keys.get(key) as Buffer), value) })
  }

  /** Whether the entry keeps `input`, as far as it was kept at all. */
  keeps(entry: JournalEntry, input: EventInput): boolean {
    const { data: kept, ...attributes } = entry.event
    const { data, ...others } = input
    return isDeepStrictEqual(attributes, others) && this.isSameData(entry, kept, data)
  }

  /** Whether both are of the same content (E7). Of what was erased nobody can tell. */
  isSameContent(entry: JournalEntry, input: EventInput, isErased: boolean): boolean {
    const { event } = entry
    if (event.type !== input.type || event.subject !== input.subject || event.time !== input.time) return false
    return isErased
      ? isDeepStrictEqual(without(event.type, event.data), without(event.type, input.data))
      : this.isSameData(entry, event.data, input.data)
  }

  private isSameData({ event: { type } }: JournalEntry, kept: unknown, sent: unknown): boolean {
    let wasErased = false
    const opened = mapped(type, kept, value => {
      wasErased ||= value === ERASED_TEXT
      return isSealed(value) ? this.open(value)?.value : value
    })
    return wasErased ? isDeepStrictEqual(without(type, kept), without(type, sent)) : isDeepStrictEqual(opened, sent)
  }

  /** No file holds a key that is `gone`, and the twin opens every value but those. */
  check(
    engine: Engine,
    {
      entries,
      ends,
      gone,
    }: {
      readonly entries: readonly JournalEntry[]
      readonly ends: readonly Pick<Erasure, 'family' | 'position'>[]
      readonly gone: ReadonlySet<number>
    },
    files: MemoryFiles,
  ): void {
    for (const end of ends) checkWaiting(end, entries, gone)
    for (const { event, key, position } of entries) {
      if (key === undefined) continue
      mapped(event.type, event.data, value => {
        if (!isSealed(value) || value === ERASED_TEXT) return value
        const expected = gone.has(key) ? ERASED : this.open(value)?.value
        const shown = engine.opened(value)
        must(shown === expected, 'erased or readable', () => `position ${position}: ${shown}, expected ${expected}`)
        return value
      })
    }
    for (const path of files.names()) {
      if (!path.endsWith('.keys')) continue
      const bytes = Buffer.from(files.bytesOf(path))
      for (const key of gone) {
        const secret = this.keys.get(key)
        must(secret === undefined || !bytes.includes(secret), 'erased', () => `key ${key} is still in ${path}`)
      }
    }
  }
}

/** Keys as they were had at each position, to judge again what was judged there. */
export class VaultSeals implements Seals {
  private position = 0
  private readonly vault: Vault
  private readonly entries: readonly JournalEntry[]
  private readonly erasures: readonly Erasure[]
  private readonly retirements: History['retirements']
  private readonly ends: readonly Pick<Erasure, 'keys' | 'position'>[]

  constructor(
    vault: Vault,
    entries: readonly JournalEntry[],
    { erasures, retirements }: Pick<History, 'erasures' | 'retirements'>,
  ) {
    this.vault = vault
    this.entries = entries.filter(entry => entry.key !== undefined)
    this.erasures = erasures
    this.retirements = retirements
    this.ends = [...erasures, ...retirements]
  }

  standAt(position: number): void {
    this.position = position
  }

  orderKey({ id, key }: Family): number | undefined {
    if (this.isErased(id)) return undefined
    // Who was retired has another key from then on.
    const retired = this.retirements.find(each => each.family === id && each.position < this.position)?.position ?? 0
    const isIt = (each: JournalEntry) => each.position > retired && each.family === id && !isSealedAlone(each)
    return key ?? this.entries.find(isIt)?.key ?? SPARE_KEY
  }

  eventKey(event: Pick<EventInput, 'id' | 'source'>, { id }: Family): number | undefined {
    if (this.isErased(id)) return undefined
    const isIt = (each: JournalEntry) =>
      each.position >= this.position &&
      each.family === id &&
      isSealedAlone(each) &&
      eventKey(each.event) === eventKey(event)
    return this.entries.find(isIt)?.key ?? SPARE_KEY
  }

  seal(owner: KeyOwner, key: number, value: unknown): string {
    return this.isGone(key) ? ERASED_TEXT : this.vault.seal(owner, key, value)
  }

  open(token: string): { readonly value: unknown } | undefined {
    return this.isGone(tokenOf(token)?.key) ? undefined : this.vault.open(token)
  }

  private isErased(family: string): boolean {
    return this.erasures.some(each => each.family === family && each.position < this.position)
  }

  private isGone(key: number | undefined): boolean {
    return key !== undefined && this.ends.some(each => each.position < this.position && each.keys.includes(key))
  }
}

/** What the order's events said while they waited under a number goes with the order. */
function checkWaiting(
  { family, position }: Pick<Erasure, 'family' | 'position'>,
  entries: readonly JournalEntry[],
  gone: ReadonlySet<number>,
): void {
  const isBefore = (entry: JournalEntry) => entry.key !== undefined && entry.position < position
  const own = new Set(
    entries.filter(each => isBefore(each) && each.family === family).map(each => eventKey(each.event)),
  )
  // Of an id that was reused it is another event, of others perhaps.
  for (const entry of entries)
    if (
      isBefore(entry) &&
      entry.verdict !== 'id_reused' &&
      isWaitingFamily(entry.family) &&
      own.has(eventKey(entry.event))
    )
      must(gone.has(entry.key as number), 'erased', () => `position ${entry.position} waited, and is readable`)
}

function mapped(type: string, data: unknown, change: (value: unknown) => unknown): unknown {
  const known = eventTypeOf(type)
  const fields = known && personalFieldsOf(known)
  return fields === undefined ? data : withPersonal(data, fields, change)
}

const without = (type: string, data: unknown): unknown => mapped(type, data, () => ERASED_TEXT)

/** Whether something was left out of the event because its order had been erased. */
export const lacks = ({ event }: JournalEntry): boolean => {
  let found = false
  mapped(event.type, event.data, value => {
    found ||= value === ERASED_TEXT
    return value
  })
  return found
}
