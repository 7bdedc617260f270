// Peer: what a user would pick instead. Each is given the same events as JSON text, parses and validates them with the same
// schemas, finds out who owns a move and which order a number means (hearing.ts), refuses what it has heard before, lets XState take
// the steps the real charts take, and answers when it is durable.
// What it need not do, and the engine does: judge quantities and lateness, remember owners and numbers on disk and refusals' reasons,
// serve readers. The steps an event leads to are handed to it ready.
import type { ChartStep } from '../load/chart-world.ts'

export interface PeerEvent {
  readonly text: string
  readonly source: string
  readonly id: string
  /** What it must find the event to be about. */
  readonly order: string
  /** Empty for what is refused or was heard before. */
  readonly steps: readonly ChartStep[]
}

export interface Peer {
  /** Why its acknowledgements are not durable, where they are not: it is measured, and compared with nothing. */
  readonly notDurable?: string
  /** Resolves when all are acknowledged, durable but for `notDurable`. An order is told of at most once in `events`, repeats apart. */
  take(events: readonly PeerEvent[]): Promise<void>
  /** Distinct events that are kept. */
  kept(): Promise<number>
  close(): Promise<void>
}

export interface PeerKind {
  /** Its results' key is `peer_<name>_events_per_s`. */
  readonly name: string
  readonly about: string
  /** Rejects with PeerUnavailable when it cannot be had here. `folder` is empty, and removed afterwards. */
  open(folder: string): Promise<Peer>
}

/** Why a peer is left out. */
export class PeerUnavailable extends Error {}

/** `events` in groups of at most `size`, in order. */
export function groupsOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const groups: (readonly Item[])[] = []
  for (let from = 0; from < items.length; from += size) groups.push(items.slice(from, from + size))
  return groups
}
