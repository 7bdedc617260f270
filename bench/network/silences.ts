// Silences: which outages of sources a day plays, and whether each kept anything back. Pure.

import { FIRST_MS } from '../load/load.ts'
import type { SourceId } from '../load/sources.ts'
import type { Said } from './day.ts'
import { type NetworkScenario, type Span, sourceModel } from './network-scenario.ts'

export interface Silence extends Span {
  readonly sources: readonly SourceId[]
}

/** Outages of one span are one, whoever they are of: those of `usual` are everybody's. */
export function silencesOf(scenario: NetworkScenario, sources: readonly SourceId[]): readonly Silence[] {
  const bySpan = new Map<string, Silence>()
  for (const source of sources)
    for (const { fromMs, toMs } of sourceModel(scenario, source).outages ?? []) {
      const span = `${fromMs}-${toMs}`
      bySpan.set(span, { fromMs, toMs, sources: [...(bySpan.get(span)?.sources ?? []), source] })
    }
  return [...bySpan.values()]
}

/** What a source would have told within an outage is what that is about: one in which it had nothing to tell has tried nothing. */
export function idleSilences(silences: readonly Silence[], said: readonly Said[]): string | undefined {
  const isIdle = ({ fromMs, sources, toMs }: Silence) =>
    !said.some(({ event }) => {
      const atMs = Date.parse(event.time) - FIRST_MS
      return atMs >= fromMs && atMs < toMs && sources.includes(event.source as SourceId)
    })
  const idle = silences.filter(isIdle).map(({ fromMs, sources, toMs }) => {
    const [from, to] = [fromMs, toMs].map(ms => `${Math.round(ms / 36_000) / 100} h`)
    return `${sources.join(', ')} had nothing to tell from ${from} to ${to}`
  })
  return idle.length === 0 ? undefined : idle.join('; ')
}
