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
const leavesOfState = new Map<string, readonly string[]>()
const stateTexts = new Map<string, string>()

function leavesOf(state: string): readonly string[] {
  let leaves = leavesOfState.get(state)
  if (leaves === undefined) {
    leaves = state.split('.')
    if (leavesOfState.size < STATES_KEPT_MAX) leavesOfState.set(state, leaves)
  }
  return leaves
}

/** One text for all states that read the same: states are compared and looked up all the time. */
function stateOf(leaves: readonly string[]): string {
  const text = leaves.join('.')
  const known = stateTexts.get(text)
  if (known !== undefined) return known
  if (stateTexts.size < STATES_KEPT_MAX) stateTexts.set(text, text)
  return text
}

function writeLeaf(writer: Writer, leaf: string): void {
  const number = LEAF_NUMBERS.get(leaf)
  writer.byte(number ?? UNLISTED_LEAF)
  if (number === undefined) writer.text(leaf)
}

function readLeaf(reader: Reader): string {
  const number = reader.byte()
  return number === UNLISTED_LEAF ? reader.text() : (LEAVES[number] as string)
}

export function writeState(writer: Writer, state: string): void {
  const leaves = leavesOf(state)
  writer.byte(leaves.length)
  for (const leaf of leaves) writeLeaf(writer, leaf)
}

export function readState(reader: Reader): string {
  const leaves: string[] = []
  for (let count = reader.byte(); count > 0; count--) leaves.push(readLeaf(reader))
  return stateOf(leaves)
}

/** The leaves that differ, behind one bit for each; charts have at most seven regions. */
export function writeNextState(writer: Writer, before: string, state: string): void {
  const former = leavesOf(before)
  const leaves = leavesOf(state)
  const isAlike = former.length === leaves.length && leaves.length <= 7
  let differ = isAlike ? 0 : WHOLE_STATE
  if (isAlike) for (let at = 0; at < leaves.length; at++) if (leaves[at] !== former[at]) differ |= 1 << at
  writer.byte(differ)
  if (!isAlike) writeState(writer, state)
  else for (let at = 0; at < leaves.length; at++) if (leaves[at] !== former[at]) writeLeaf(writer, leaves[at] as string)
}
const WHOLE_STATE = 128

export function readNextState(reader: Reader, before: string): string {
  const differ = reader.byte()
  if (differ === WHOLE_STATE) return readState(reader)
  return stateOf(leavesOf(before).map((leaf, at) => (differ & (1 << at) ? readLeaf(reader) : leaf)))
}
