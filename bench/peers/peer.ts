// Peer: what a user would pick instead. Each is given the same events as the engine, as JSON text, makes of them what the engine
// makes of them (hearing.ts, judging.ts): parses and validates, finds which order a number means, refuses what it has heard before
// and what a source does not own, has XState take the moves of the real charts or refuse them, and answers when it is durable.
// What it need not do, and the engine does: compare a repetition with what came first; judge anew what comes late, and park what comes
// early; see that documents are not told twice under other ids and numbers not held twice; remember reasons, and numbers on disk;
// keep deadlines; serve readers.

/** What became of an event. */
export type Answer = 'accepted' | 'refused' | 'duplicate'

export interface Peer {
  /** Why its acknowledgements are not durable, where they are not: it is measured, and compared with nothing. */
  readonly notDurable?: string
  /**
   * An answer for each of `texts`, when all are acknowledged, durable but for `notDurable`. An order is told of at most once in
   * them, repetitions of what was said in former ones apart.
   */
  take(texts: readonly string[]): Promise<readonly Answer[]>
  /** Distinct events that are kept, refused ones too: what is sent again must be known. */
  kept(): Promise<number>
  close(): Promise<void>
}

export interface PeerKind {
  /** Its results' key is `peer_<name>_events_per_s`. */
  readonly name: string
  /** Rejects with PeerUnavailable when it cannot be had here. `folder` is empty, and removed afterwards. */
  open(folder: string): Promise<Peer>
}

/** Why a peer is left out. */
export class PeerUnavailable extends Error {}

/** Takes all in groups of at most `size`, one after the other, in order. */
export async function inGroups(
  texts: readonly string[],
  size: number,
  take: (group: readonly string[]) => Promise<readonly Answer[]>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (let from = 0; from < texts.length; from += size) answers.push(...(await take(texts.slice(from, from + size))))
  return answers
}
