// What is wrong with a network scenario before it is played: a day that says nothing, or not what its author meant, is green too.
import type { EventType } from '../../machines/event-types.ts'
import { ALWAYS_TOLD } from '../load/order-life.ts'
import { SOURCES } from '../load/sources.ts'
import type { Arrivals, NetworkScenario, SourceModel, Span } from './network-scenario.ts'

/** In words; none where it can be played. Types say most of it: whoever copies a scenario may not run the compiler. */
export function scenarioFlaws(scenario: NetworkScenario): readonly string[] {
  const { arrivals, mix, orders, seconds, sources = {}, subscribers, twinOutages = [], usual } = scenario
  const flaws: string[] = []
  const must = (isSo: boolean, what: string) => void (isSo || flaws.push(what))
  const known = SOURCES.map(({ id }): string => id)
  const channels = SOURCES.filter(({ role }) => role === 'channel').map(({ id }): string => id)
  const isAlwaysTold = (type: EventType | undefined) => type === undefined || ALWAYS_TOLD.includes(type)
  must(Number.isSafeInteger(orders) && orders > 0, 'orders must be a whole number from 1')
  must(seconds > 0, 'seconds must be more than 0')
  must(Number.isSafeInteger(subscribers) && subscribers >= 0, 'subscribers must be a whole number from 0')
  must(isShare(mix.illegalShare), 'mix.illegalShare must be from 0 to 1')
  must(mix.stepMeanMs >= 0, 'mix.stepMeanMs must not be negative')
  must(mix.channel === undefined || channels.includes(mix.channel), `mix.channel must be one of ${channels.join(', ')}`)
  for (const [name, type] of Object.entries({ until: mix.until, 'held.from': mix.held?.from }))
    must(isAlwaysTold(type), `mix.${name} must be told of every order: one of ${ALWAYS_TOLD.join(', ')}`)
  flaws.push(...arrivalFlaws(arrivals))
  for (const name of Object.keys(sources))
    must(known.includes(name), `there is no source ${name}; there are ${known.join(', ')}`)
  for (const [name, model] of Object.entries({ usual, ...sources })) flaws.push(...modelFlaws(name, model))
  must(twinOutages.every(isSpan), 'a twin outage ends after it begins')
  must(twinOutages.length === 0 || subscribers === 0, 'nobody can watch a twin that is stopped: 0 subscribers')
  must(
    twinOutages.length === 0 || arrivals.kind !== 'at_once',
    'a day in which all happens at once has no time for outages',
  )
  return flaws
}

const isShare = (share: number): boolean => share >= 0 && share <= 1
const isSpan = ({ fromMs, toMs }: Span): boolean => fromMs >= 0 && toMs > fromMs

function arrivalFlaws(arrivals: Arrivals): readonly string[] {
  if (arrivals.kind === 'at_once') return []
  const flaws = arrivals.overMs > 0 ? [] : ['arrivals.overMs must be more than 0']
  if (arrivals.kind === 'steady') return flaws
  const { overMs, peak, times } = arrivals
  if (!isSpan(peak) || peak.toMs > overMs) flaws.push('arrivals.peak must lie within arrivals.overMs')
  return times > 0 ? flaws : [...flaws, 'arrivals.times must be more than 0']
}

function modelFlaws(name: string, model: Partial<SourceModel>): readonly string[] {
  const {
    batchMax = 1,
    connections = 1,
    duplicateShare = 0,
    latencyMeanMs = 0,
    outages = [],
    shuffleWindowMs = 0,
  } = model
  const flaws: string[] = []
  if (!isShare(duplicateShare)) flaws.push(`${name}: duplicateShare must be from 0 to 1`)
  if (!(latencyMeanMs >= 0 && shuffleWindowMs >= 0)) flaws.push(`${name}: times must not be negative`)
  if (!(batchMax >= 1 && connections >= 1)) flaws.push(`${name}: connections and batchMax must be at least 1`)
  if (!outages.every(isSpan)) flaws.push(`${name}: an outage ends after it begins`)
  return flaws
}
