// What is wrong with a network scenario before it is played: a day that says nothing, or not what its author meant, is green too.
// Types say most of it: whoever copies a scenario may not run the compiler.
import { z } from 'zod'
import { ALWAYS_TOLD } from '../load/order-life.ts'
import { SOURCES } from '../load/sources.ts'
import { hours, type NetworkScenario, type Span } from './network-scenario.ts'

/** In words; none where it can be played. */
export const scenarioFlaws = (scenario: NetworkScenario): readonly string[] =>
  (SCENARIO.safeParse(scenario).error?.issues ?? []).map(({ message, path }) =>
    path.length === 0 ? message : `${path.join('.')} ${message}`,
  )

/** Those and no others: what is misspelled would be played as if it were not there. */
const members = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: issue => {
      const known = Object.keys(shape).join(', ')
      return issue.code === 'unrecognized_keys'
        ? `has no ${issue.keys.join(', ')}: it has ${known}`
        : `must be an object: it has ${known}`
    },
  })

const number = (must: string, isSo: (value: number) => boolean) =>
  z.custom<number>(value => typeof value === 'number' && isSo(value), { error: must })
const oneOf = <const Name extends string>(must: string, names: readonly Name[]) =>
  z.enum(names, { error: `must be ${must}: one of ${names.join(', ')}` })
const listOf = <Each extends z.ZodType>(each: Each) => z.array(each, { error: 'must be a list' })

const DAY_MS = hours(24)
// What happens later than that is ahead of the twin's clock (bench/store.ts).
const YEAR_MS = 365 * DAY_MS
const TIME = number('must be milliseconds from 0 to a year', value => value >= 0 && value <= YEAR_MS)
const LENGTH = number('must be milliseconds, more than 0, to a year', value => value > 0 && value <= YEAR_MS)
// Real ones: timers that are set for longer than some weeks go off at once.
const WAIT = number('must be milliseconds from 0 to a day', value => value >= 0 && value <= DAY_MS)
const TIMEOUT = number('must be milliseconds, more than 0, to a day', value => value > 0 && value <= DAY_MS)
const COUNT = number('must be a whole number from 1', value => Number.isSafeInteger(value) && value > 0)
const SHARE = number('must be from 0 to 1', value => value >= 0 && value <= 1)
const SIZE = number('must be 0 or more', value => value >= 0 && Number.isFinite(value))
const SPAN = members({ fromMs: TIME, toMs: TIME }).refine(({ fromMs, toMs }) => toMs > fromMs, {
  error: 'must end after it begins',
})

const ARRIVALS = z.discriminatedUnion(
  'kind',
  [
    members({ kind: z.literal('steady'), overMs: LENGTH }),
    members({
      kind: z.literal('peak'),
      overMs: LENGTH,
      peak: SPAN,
      times: number('must be more than 0', value => value > 0 && Number.isFinite(value)),
    }).refine(({ overMs, peak }) => peak.toMs <= overMs, { path: ['peak'], error: 'must lie within arrivals.overMs' }),
    members({ kind: z.literal('at_once') }),
  ],
  { error: 'must be one of steady, peak, at_once' },
)

const TOLD = oneOf('told of every order', ALWAYS_TOLD)
const CHANNELS = SOURCES.filter(({ role }) => role === 'channel').map(({ id }) => id)

const MIX = members({
  stepMeanMs: TIME,
  illegalShare: SHARE,
  channel: oneOf('a channel', CHANNELS).optional(),
  until: TOLD.optional(),
  held: members({ from: TOLD, untilMs: TIME }).optional(),
}).refine(
  ({ held, until }) =>
    held === undefined || until === undefined || ALWAYS_TOLD.indexOf(held.from) <= ALWAYS_TOLD.indexOf(until),
  { path: ['held'], error: 'begins when all has been told: mix.until comes before it' },
)

const MODEL = {
  latencyMeanMs: TIME,
  shuffleWindowMs: TIME,
  duplicateShare: SHARE,
  connections: COUNT,
  batchMax: COUNT,
  // Who never waits for an answer, however often they sent, never gets one.
  patience: members({ timeoutMs: TIMEOUT, sendingsMax: COUNT, retryAfterMs: WAIT }),
}
const OUTAGES = listOf(SPAN).optional()
// What is there and undefined would take the place of the usual: it may only be absent.
const OWN = Object.fromEntries(Object.entries(MODEL).map(([name, each]) => [name, z.exactOptional(each)]))
const SOURCE = members({ ...OWN, outages: OUTAGES }).optional()

const SCENARIO = members({
  about: z.string({ error: 'must be a few words' }),
  orders: COUNT,
  // Two days: one of them, with what is told of its last orders, at its own speed.
  seconds: number('must be more than 0, and two days at most', value => value > 0 && value <= (2 * DAY_MS) / 1e3),
  arrivals: ARRIVALS,
  mix: MIX,
  usual: members({ ...MODEL, outages: OUTAGES }),
  sources: members(Object.fromEntries(SOURCES.map(({ id }) => [id, SOURCE]))).optional(),
  subscribers: number('must be a whole number from 0', value => Number.isSafeInteger(value) && value >= 0),
  twinOutages: listOf(SPAN).optional(),
  growth: members({ mb: SIZE, bytesPerEvent: SIZE }).optional(),
}).superRefine(({ arrivals, sources = {}, subscribers, twinOutages = [], usual }, { addIssue }) => {
  const must = (isSo: boolean, what: string) => void (isSo || addIssue(what))
  const isInTurn = ({ fromMs }: Span, index: number) => index === 0 || fromMs > (twinOutages[index - 1]?.toMs ?? 0)
  must(twinOutages.every(isInTurn), 'twin outages come one after the other')
  must(twinOutages.length === 0 || subscribers === 0, 'nobody can watch a twin that is stopped: 0 subscribers')
  const outages = [usual, ...Object.values(sources)].flatMap(source => source?.outages ?? [])
  must(
    arrivals.kind !== 'at_once' || twinOutages.length + outages.length === 0,
    'a day in which all happens at once has no time for outages',
  )
})
