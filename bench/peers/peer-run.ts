// Peer run: one peer over one load, lap by lap, to its end or until its time is up. What it answers and keeps is checked.
import { addTally, type LoadOptions, laps, type Tally } from '../load/load.ts'
import type { Checks } from '../oracle.ts'
import type { Answer, PeerKind } from './peer.ts'

export interface PeerRunOptions {
  readonly kind: PeerKind
  /** Empty. */
  readonly folder: string
  readonly load: LoadOptions
  /** It is cut behind the lap in which it has taken so long. */
  readonly secondsMax: number
}

export interface PeerRun {
  readonly name: string
  readonly notDurable: string | undefined
  readonly events: number
  /** That it had events in its hands: making them is not among them. */
  readonly seconds: number
}

export async function runPeer({ folder, kind, load, secondsMax }: PeerRunOptions, checks: Checks): Promise<PeerRun> {
  const peer = await kind.open(folder)
  try {
    const answers: Record<Answer, number> = { accepted: 0, refused: 0, duplicate: 0 }
    const expected: Tally = {}
    let spentMs = 0
    let events = 0
    for (const lap of laps(load)) {
      const texts = lap.events.map(event => JSON.stringify(event))
      const startedMs = performance.now()
      const lapAnswers = await peer.take(texts)
      spentMs += performance.now() - startedMs
      events += texts.length
      for (const answer of lapAnswers) answers[answer]++
      addTally(expected, lap.expected)
      if (spentMs >= secondsMax * 1e3) break
    }
    const { accepted = 0, duplicate = 0 } = expected
    const twin = { accepted, refused: events - accepted - duplicate, duplicate }
    checks.check(`peer ${kind.name} answers as the twin does`, difference(answers, twin))
    checks.check(
      `peer ${kind.name} keeps each event once`,
      difference({ kept: await peer.kept() }, { kept: events - duplicate }),
    )
    const name = peer.notDurable === undefined ? kind.name : `${kind.name}_unsynced`
    return { name, notDurable: peer.notDurable, events, seconds: spentMs / 1e3 }
  } finally {
    await peer.close()
  }
}

function difference<Key extends string>(is: Readonly<Record<Key, number>>, must: Readonly<Record<Key, number>>) {
  const keys = Object.keys(must) as Key[]
  const flaws = keys.filter(key => is[key] !== must[key]).map(key => `${key} ${is[key]} instead of ${must[key]}`)
  return flaws.length === 0 ? undefined : flaws.join(', ')
}
