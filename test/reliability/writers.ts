// Writers: many write to one order at once, each only if nobody else has since. For every version one of them wins; who loses
// hears the version of that moment; and there is one order of all they did that fits what each of them saw, and when.
import { seededRandom } from '../../connectors/simulated/random.ts'
import type { Outcome } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { captured, event } from '../helpers/distributor.ts'
import { untilRead } from '../helpers/turned-away.ts'

/** One write: when it was asked and answered, milliseconds, and what was said. */
export interface Write {
  readonly writer: number
  readonly calledMs: number
  readonly answeredMs: number
  readonly expected: number
  readonly outcome: Outcome['outcome']
  /** The version after it where it won; the current one where it lost. */
  readonly version: number
}

export interface Contest {
  readonly url: string
  readonly order: string
  readonly seed: number
  readonly writers: number
  /** The contest is over at this version. */
  readonly versionMax: number
}

export async function contest({ order, seed, url, versionMax, writers }: Contest): Promise<readonly Write[]> {
  const first = await answerOf(url, captured(order, 0))
  if (first.outcome !== 'accepted') throw new Error(`not captured: ${JSON.stringify(first)}`)
  const history: Write[] = []
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const random = seededRandom(seed + writer)
      for (let expected = 1, attempt = 0; expected < versionMax; attempt++) {
        // Now and then one that is behind by more.
        const asked = random.chance(0.05) ? Math.max(1, expected - 1 - random.whole(5)) : expected
        const input = amendment({ order, id: `${order}-w${writer}-${attempt}`, expected: asked })
        const calledMs = performance.now()
        const outcome = await answerOf(url, input)
        const { outcome: code, version = 0 } = outcome
        history.push({ writer, calledMs, answeredMs: performance.now(), expected: asked, outcome: code, version })
        expected = version
      }
    }),
  )
  return history
}

async function answerOf(url: string, input: EventInput): Promise<Outcome> {
  const body = JSON.stringify({ specversion: '1.0', ...input })
  const headers = { 'content-type': 'application/cloudevents+json' }
  const response = await untilRead(() => fetch(`${url}/v1/events`, { method: 'POST', headers, body }))
  return (await response.json()) as Outcome
}

/** Happens in the minute of the version it builds on, so that what wins later happened later. */
const amendment = ({ expected, id, order }: { expected: number; id: string; order: string }): EventInput =>
  event(
    'erp',
    'order.amended',
    `order/${order}`,
    expected,
    { requestedAt: '2026-12-24' },
    { id, expectedversion: expected },
  )

/** What is wrong with a history; empty when nothing is. The order was at version 1 before it. */
export function flawsOfContest(history: readonly Write[]): readonly string[] {
  const flaws: string[] = []
  const winners = new Map<number, Write>()
  for (const write of history) {
    if (write.outcome === 'version_conflict') continue
    if (write.outcome !== 'accepted') flaws.push(`writer ${write.writer} was told ${write.outcome}`)
    else if (write.version !== write.expected + 1) flaws.push(`expected ${write.expected}, won ${write.version}`)
    else if (winners.has(write.version)) flaws.push(`version ${write.version} was won twice`)
    else winners.set(write.version, write)
  }
  const last = Math.max(1, ...winners.keys())
  for (let version = 2; version <= last; version++) {
    const [before, winner] = [winners.get(version - 1), winners.get(version)]
    if (winner === undefined) flaws.push(`nobody won version ${version}`)
    else if (before !== undefined && winner.answeredMs < before.calledMs)
      flaws.push(`version ${version} was there before ${version - 1} was asked for`)
  }
  for (const write of history) if (write.outcome === 'version_conflict') flaws.push(...flawsOfLoser(write, winners))
  return flaws
}

/** The version it was told must have been the current one at some moment between its call and its answer, and not what it expected. */
function flawsOfLoser(write: Write, winners: ReadonlyMap<number, Write>): readonly string[] {
  const { answeredMs, calledMs, expected, version, writer } = write
  const [made, over] = [winners.get(version), winners.get(version + 1)]
  if (version === expected) return [`writer ${writer} lost with the version it was told is current, ${version}`]
  if (version > 1 && made === undefined) return [`writer ${writer} was told version ${version}, which nobody made`]
  if (made !== undefined && made.calledMs > answeredMs)
    return [`writer ${writer} was told version ${version} before it was asked for`]
  if (over !== undefined && over.answeredMs < calledMs)
    return [`writer ${writer} was told version ${version} when ${version + 1} had been told of`]
  return []
}
