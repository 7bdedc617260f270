// Peers: what a user would pick instead, with the same events on the same machine in the same run.
import type { Figures } from '../report.ts'

export interface PeersOptions {
  readonly parent: string
  readonly seed: number
  readonly orders: number
  /** Of our engine, from JSON text. */
  readonly textEventsPerSecond: number
}

export interface PeerFigures {
  readonly results: Figures
  readonly ratios: Figures
  readonly notes: readonly string[]
}

export async function runPeers(_options: PeersOptions): Promise<PeerFigures> {
  return { results: {}, ratios: {}, notes: [] }
}
