// What is wrong with a network scenario before it is played: a day that says nothing, or not what its author meant, is green too.
import type { EventType } from '../../machines/event-types.ts'
import { ALWAYS_TOLD } from '../load/order-life.ts'
import { SOURCES } from '../load/sources.ts'
import type { Arrivals, NetworkScenario, Patience, SourceModel, Span } from './network-scenario.ts'

/** In words; none where it can be played. Types say most of it: whoever copies a scenario may not run the compiler. */
export function scenarioFlaws(scenario: NetworkScenario): readonly string[] {
  const { arrivals, mix, orders, seconds, sources = {}, subscribers, twinOutages = [], usual } = scenario
  const flaws: string[] = []
  const must = (isSo: boolean, what: string) => void (isSo || flaws.push(what))
  const known = SOURCES.map(({ id }): string => id)
  const channels = SOURCES.filter(({ role }) => role === 'channel').map(({ id }): string => id)
  const isAlwaysTold = (type: EventType | undefined) => type === undefined || ALWAYS_TOLD.includes(type)
  must(isCount(orders), 'orders must be a whole number from 1')
  must(isTime(seconds) && seconds > 0, 'seconds must be more than 0')
  must(Number.isSafeInteger(subscribers) && subscribers >= 0, 'subscribers must be a whole number from 0')
  must(isShare(mix.illegalShare), 'mix.illegalShare must be from 0 to 1')
  must(isTime(mix.stepMeanMs), 'mix.stepMeanMs must not be negative')
  must(mix.channel === undefined || channels.includes(mix.channel), `mix.channel must be one of ${channels.join(', ')}`)
  for (const [name, type] of Object.entries({ until: mix.until, 'held.from': mix.held?.from }))
    must(isAlwaysTold(type), `mix.${name} must be told of every order: one of ${ALWAYS_TOLD.join(', ')}`)
  flaws.push(...arrivalFlaws(arrivals))
  for (const name of Object.keys(sources))
    must(known.includes(name), `there is no source ${name}; there are ${known.join(', ')}`)
  for (const [name, model] of Object.entries({ usual, ...sources })) flaws.push(...modelFlaws(name, model))
  must(twinOutages.every(isSpan), 'a twin outage ends after it begins')
  const isInTurn = ({ fromMs }: Span, index: number) => index === 0 || fromMs > (twinOutages[index - 1]?.toMs ?? 0)
  must(twinOutages.every(isInTurn), 'twin outages come one after the other')
  must(twinOutages.length === 0 || subscribers === 0, 'nobody can watch a twin that is stopped: 0 subscribers')
  must(
    twinOutages.length === 0 || arrivals.kind !== 'at_once',
    'a day in which all happens at once has no time for outages',
  )
  return flaws
}

const isShare = (share: number): boolean => share >= 0 && share <= 1
/** Infinite ones do not reach the process of the sources. */
const isTime = (time: number): boolean => Number.isFinite(time) && time >= 0
const isCount = (count: number): boolean => Number.isSafeInteger(count) && count > 0
const isSpan = ({ fromMs, toMs }: Span): boolean => isTime(fromMs) && isTime(toMs) && toMs > fromMs

const KINDS: readonly Arrivals['kind'][] = ['steady', 'peak', 'at_once']

function arrivalFlaws(arrivals: Arrivals): readonly string[] {
  const { kind } = arrivals
  if (!KINDS.includes(kind)) return [`arrivals.kind must be one of ${KINDS.join(', ')}`]
  if (kind === 'at_once') return []
  const flaws = isTime(arrivals.overMs) && arrivals.overMs > 0 ? [] : ['arrivals.overMs must be more than 0']
  if (kind === 'steady') return flaws
  const { overMs, peak, times } = arrivals
  if (peak === undefined || !isSpan(peak) || peak.toMs > overMs)
    flaws.push('arrivals.peak must lie within arrivals.overMs')
  return isTime(times) && times > 0 ? flaws : [...flaws, 'arrivals.times must be more than 0']
}

function modelFlaws(name: string, model: Partial<SourceModel>): readonly string[] {
  const {
    batchMax = 1,
    connections = 1,
    duplicateShare = 0,
    latencyMeanMs = 0,
    outages = [],
    patience,
    shuffleWindowMs = 0,
  } = model
  const flaws: string[] = []
  if (!isShare(duplicateShare)) flaws.push(`${name}: duplicateShare must be from 0 to 1`)
  if (!(isTime(latencyMeanMs) && isTime(shuffleWindowMs))) flaws.push(`${name}: times must not be negative`)
  if (!(isCount(batchMax) && isCount(connections)))
    flaws.push(`${name}: connections and batchMax must be whole numbers from 1`)
  if (!outages.every(isSpan)) flaws.push(`${name}: an outage ends after it begins`)
  if (patience !== undefined && !isPatience(patience))
    flaws.push(`${name}: patience has a timeoutMs above 0, a retryAfterMs, and a sendingsMax from 1`)
  return flaws
}

/** Who never waits for an answer, however often they sent, never gets one. */
const isPatience = ({ retryAfterMs, sendingsMax, timeoutMs }: Patience): boolean =>
  isTime(timeoutMs) && timeoutMs > 0 && isTime(retryAfterMs) && isCount(sendingsMax)
