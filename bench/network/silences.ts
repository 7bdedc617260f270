// Silences: which outages of sources a day plays, and whether each kept anything back. Pure.
import type { SourceId } from '../load/sources.ts'
import type { Checks } from '../oracle.ts'
import { type DayOptions, dues } from './day.ts'
import type { NetworkScenario, Span } from './network-scenario.ts'

export interface Silence extends Span {
  /** An outage of `usual` is one of everybody who has none of their own. */
  readonly sources: readonly SourceId[]
}

export function silencesOf({ sources = {}, usual }: NetworkScenario, all: readonly SourceId[]): readonly Silence[] {
  const others = all.filter(source => sources[source]?.outages === undefined)
  return [
    ...(usual.outages ?? []).map(outage => ({ ...outage, sources: others })),
    ...all.flatMap(source => (sources[source]?.outages ?? []).map(outage => ({ ...outage, sources: [source] }))),
  ]
}

const FACT = 'each outage of a source keeps something back'
// Of fewer some source may have nothing to tell for hours.
const TRIED_FROM_ORDERS = 100

/** An outage that keeps nothing back has tried nothing: a flaw, or of few orders a note that is returned. */
export function checkSilences(day: DayOptions, silences: readonly Silence[], checks: Checks): readonly string[] {
  const idle = silences.length === 0 ? [] : idleSilences(day, silences)
  const flaw = idle.length === 0 ? undefined : idle.join('; ')
  if (flaw !== undefined && day.orders < TRIED_FROM_ORDERS) return [`${FACT}: not tried: ${flaw}`]
  checks.check(FACT, flaw)
  return []
}

/** What would come within an outage is what that keeps back. */
function idleSilences({ scenario, ...day }: DayOptions, silences: readonly Silence[]): readonly string[] {
  const { sources = {}, usual } = scenario
  const own = Object.entries(sources).map(([source, model]) => [source, { ...model, outages: undefined }] as const)
  const quiet = { ...scenario, usual: { ...usual, outages: undefined }, sources: Object.fromEntries(own) }
  const { bySource, realPerSimulated } = dues({ ...day, scenario: quiet })
  const keepsBack = ({ fromMs, sources, toMs }: Silence) =>
    sources.some(source =>
      bySource.get(source)?.some(({ atMs }) => atMs / realPerSimulated >= fromMs && atMs / realPerSimulated < toMs),
    )
  return silences
    .filter(silence => !keepsBack(silence))
    .map(({ fromMs, sources, toMs }) => {
      const [from, to] = [fromMs, toMs].map(ms => `${Math.round(ms / 36_000) / 100} h`)
      return `${sources.join(', ')} had nothing to tell from ${from} to ${to}`
    })
}
