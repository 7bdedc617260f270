// States: an actor's state as a byte for each region, and a change of it as the leaves that differ.
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

// Leaves of states as numbers: their place in this list, which only grows, at its end; one that is not in it is written out.
const LEAVES = `
  captured validated accepted closed rejected cancelled unchecked approved held unallocated allocated backordered released
  partly_shipped shipped partly_delivered delivered unbilled billable partly_invoiced invoiced paid disputed off on acknowledged
  picking picked packed in_transit out_for_delivery refused lost returned_to_sender delayed attempt_failed none initiated
  authorized expected received inspected due dispositioned credited short damaged
`
  .trim()
  .split(/\s+/)
const LEAF_NUMBERS = new Map(LEAVES.map((leaf, number) => [leaf, number]))
const UNLISTED_LEAF = 255

// State texts are few and come with every change: what one is made of is kept, both ways. 65,536: reachable states are hundreds.
const STATES_KEPT_MAX = 65_536
const partsOfState = new Map<string, Parts>()
const stateTexts = new Map<number, string>()

// Shipments have four flags behind their first leaf, most of them off: then only the first is written.
const REST_IS_OFF = 0x80

interface Parts {
  readonly leaves: readonly string[]
  readonly numbers: readonly number[]
  readonly isRestOff: boolean
}

function partsOf(state: string): Parts {
  const known = partsOfState.get(state)
  if (known !== undefined) return known
  const leaves = state.split('.')
  const numbers = leaves.map(leaf => LEAF_NUMBERS.get(leaf) ?? UNLISTED_LEAF)
  const isRestOff = leaves.length > 1 && leaves.length < REST_IS_OFF && leaves.slice(1).every(leaf => leaf === 'off')
  const parts = { leaves, numbers, isRestOff }
  if (partsOfState.size < STATES_KEPT_MAX) partsOfState.set(state, parts)
  return parts
}

// Five numbers below 64 make one that V8 keeps without an object.
const LEAVES_MAX = 64
const KEYED_LEAVES_MAX = 5
const OFF = LEAF_NUMBERS.get('off') as number

/** A state whose leaves come one by one. One text for all that read the same: states are compared and looked up all the time. */
class Reading {
  private readonly leaves: string[] = []
  /** All numbers as one; -1 where that is not possible. */
  private key = 0

  next(reader: Reader): this {
    const number = reader.byte()
    return this.add(number, number === UNLISTED_LEAF ? reader.text() : undefined)
  }

  add(number: number, unlisted?: string): this {
    const leaf = number === UNLISTED_LEAF ? (unlisted as string) : (LEAVES[number] as string)
    const mayBeKey = this.key >= 0 && number < LEAVES_MAX && this.leaves.length < KEYED_LEAVES_MAX
    this.key = mayBeKey ? this.key * LEAVES_MAX + number + 1 : -1
    this.leaves.push(leaf)
    return this
  }

  state(): string {
    const known = stateTexts.get(this.key)
    if (known !== undefined) return known
    const text = this.leaves.join('.')
    if (this.key >= 0 && stateTexts.size < STATES_KEPT_MAX) stateTexts.set(this.key, text)
    return text
  }
}

function writeLeaf(writer: Writer, { leaves, numbers }: Parts, at: number): void {
  const number = numbers[at] as number
  writer.byte(number)
  if (number === UNLISTED_LEAF) writer.text(leaves[at] as string)
}

export function writeState(writer: Writer, state: string): void {
  const parts = partsOf(state)
  const { length } = parts.leaves
  writer.byte(parts.isRestOff ? length | REST_IS_OFF : length)
  for (let at = 0; at < (parts.isRestOff ? 1 : length); at++) writeLeaf(writer, parts, at)
}

export function readState(reader: Reader): string {
  const count = reader.byte()
  const begun = new Reading().next(reader)
  if (count & REST_IS_OFF) for (let rest = (count & ~REST_IS_OFF) - 1; rest > 0; rest--) begun.add(OFF)
  else for (let rest = count - 1; rest > 0; rest--) begun.next(reader)
  return begun.state()
}

/** The leaves that differ, behind one bit for each; charts have at most seven regions. */
export function writeNextState(writer: Writer, before: string, state: string): void {
  const former = partsOf(before).leaves
  const parts = partsOf(state)
  const { leaves } = parts
  const isAlike = former.length === leaves.length && leaves.length <= 7
  let differ = isAlike ? 0 : WHOLE_STATE
  if (isAlike) for (let at = 0; at < leaves.length; at++) if (leaves[at] !== former[at]) differ |= 1 << at
  writer.byte(differ)
  if (!isAlike) writeState(writer, state)
  else for (let at = 0; at < leaves.length; at++) if (differ & (1 << at)) writeLeaf(writer, parts, at)
}
const WHOLE_STATE = 128

export function readNextState(reader: Reader, before: string): string {
  const differ = reader.byte()
  if (differ === WHOLE_STATE) return readState(reader)
  const { leaves, numbers } = partsOf(before)
  const begun = new Reading()
  for (let at = 0; at < leaves.length; at++)
    if (differ & (1 << at)) begun.next(reader)
    else begun.add(numbers[at] as number, leaves[at])
  return begun.state()
}
