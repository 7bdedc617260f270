// Parsers that take a value or a text and give one back: they must never throw, and say what they must in a known form.
import { Readable } from 'node:stream'
import { linesOf } from '../../connectors/cloudevents/lines.ts'
import { translateLine } from '../../connectors/cloudevents/translate.ts'
import { parseOcel } from '../../connectors/ocel/ocel-log.ts'
import { readOrderManagement } from '../../connectors/ocel/read-order-management.ts'
import { translate } from '../../connectors/ocel/translate.ts'
import type { Random } from '../../connectors/simulated/random.ts'
import { OUTCOMES } from '../../engine/outcome.ts'
import { executableSchema } from '../../graphql/executable-schema.ts'
import { GRAPH_LIMITS } from '../../graphql/graph-limits.ts'
import { readArray, readJson } from '../../graphql/http/strict-json.ts'
import { Preparer } from '../../graphql/operations/prepare.ts'
import { type EventInput, parseSubject } from '../../machines/event.ts'
import { makeOcel } from '../connectors/ocel-fixture.ts'
import { act, discard, link, retry } from '../helpers/acts.ts'
import { legalTrace } from '../helpers/legal-traces.ts'
import { openMemoryEngine } from '../helpers/memory-engine.ts'
import { mutatedBytes, mutatedQuery, mutatedText, mutatedValue } from './mutate.ts'
import { FuzzFailure, type Target } from './target.ts'

export const QUERIES: readonly string[] = [
  '{ order(ref: "PO-O-1") { number state { lifecycle credit fulfilment billing } shipments { number node trackings } } }',
  'query ($n: Int) { orders(first: $n, where: { lifecycle: ["accepted"] }) { totalCount edges { cursor node { number } } } }',
  '{ order(ref: "O-1") { history(first: 5) { edges { node { verdict event { type } } } } } }',
  'subscription { orderChanged(ref: "O-1") { cursor } }',
  'query A { __typename } fragment F on Order { number ...F } { order(ref: "x") { ...F } }',
  '{ __schema { types { name fields { name type { ofType { name } } } } } }',
]
const QUERY_WORDS = [
  ...new Set(QUERIES.flatMap(query => query.match(/\w+|[^\s\w]/g) ?? [])),
  '"',
  '"""',
  '#',
  '0x1',
  '1e9',
  '-',
]

const REPORTED: readonly EventInput[] = [3, 7, 11].flatMap(seed => legalTrace({ seed, orders: 3, steps: 80 }).events)

/** Something done about an order of the traces, and the event that is behind it. */
function actsAbout(behind: EventInput): readonly EventInput[] {
  const order = /^order\/(.*)/.exec(behind.subject)?.[1]
  if (order === undefined) return []
  return [
    act('exception.noted', order, { text: 'asked accounting' }),
    act('exception.assigned', order, { team: 'finance', person: 'Ben' }),
    retry(order, behind),
    discard(order, behind),
    link('T-1', order, 'order', { kind: 'tracking', count: 0 }),
  ]
}

/** Real events: of every kind of system, and of people. */
export const SAMPLES: readonly EventInput[] = [...REPORTED, ...REPORTED.slice(0, 20).flatMap(actsAbout)]

const CODES: ReadonlySet<string> = new Set(OUTCOMES)
const pick = <Item>(items: readonly Item[], random: Random): Item => items[random.whole(items.length)] as Item

/** A target over one function. */
function over(
  options: Omit<Target, 'try' | 'last'> & { make(random: Random): unknown; take(input: never): unknown },
): Target {
  let input: unknown
  const { covers, name, weight } = options
  return {
    name,
    covers,
    weight,
    last: () => input,
    async try(random) {
      input = options.make(random)
      await options.take(input as never)
    },
  }
}

export async function pureTargets(): Promise<readonly Target[]> {
  // Its clock stands behind every sample.
  let { engine } = await openMemoryEngine({ nowMs: Date.UTC(2027, 1, 1) })
  let taken = 0
  const nextEngine = async () => {
    // A new one now and then: what a late event costs grows with its order's history, which is another test's subject.
    if (++taken % 500 !== 0) return engine
    await engine.close()
    engine = (await openMemoryEngine({ nowMs: Date.UTC(2027, 1, 1) })).engine
    return engine
  }
  const preparer = new Preparer(executableSchema(), GRAPH_LIMITS)
  const ocel = makeOcel()
  return [
    over({
      name: 'events, judged',
      covers: ['machines/event.ts parseEvent'],
      weight: 6,
      make: random => mutatedValue(pick(SAMPLES, random), random),
      async take(input: unknown) {
        const twin = await nextEngine()
        const [outcome] = await twin.submit([input])
        if (outcome === undefined || !CODES.has(outcome.outcome))
          throw new FuzzFailure(`answered ${JSON.stringify(outcome)}`)
        if (outcome.outcome === 'journal_unavailable' || !twin.health().ready)
          throw new FuzzFailure('the engine stopped')
        if (outcome.code === 'family_quarantined') throw new FuzzFailure(`set aside: ${outcome.reason}`)
      },
    }),
    over({
      name: 'events, previewed',
      covers: ['machines/event.ts parseEvent'],
      weight: 2,
      make: random => [1, 2, 3].map(() => mutatedValue(pick(SAMPLES, random), random)),
      async take(inputs: readonly unknown[]) {
        const outcomes = await engine.preview(inputs)
        if (outcomes.length !== inputs.length) throw new FuzzFailure(`${outcomes.length} answers`)
      },
    }),
    over({
      name: 'subjects',
      covers: ['machines/event.ts parseSubject'],
      weight: 3,
      make: random => asText(mutatedValue(pick(SAMPLES, random).subject, random)),
      take: (text: string) => parseSubject(text),
    }),
    over({
      name: 'strict JSON',
      covers: ['graphql/http/strict-json.ts readJson', 'graphql/http/strict-json.ts readTexts'],
      weight: 6,
      make: random => mutatedText(pick(SAMPLES, random), random),
      take(bytes: Buffer) {
        const { flaws, values } = readJson(bytes)
        if (flaws.size === 0) JSON.stringify(values)
        unpolluted()
      },
    }),
    over({
      name: 'JSON batches',
      covers: ['graphql/http/strict-json.ts readArray'],
      weight: 4,
      make: random => mutatedText(SAMPLES.slice(0, random.whole(4)), random),
      take(bytes: Buffer) {
        readArray(bytes)
        unpolluted()
      },
    }),
    over({
      name: 'CloudEvents lines',
      covers: ['connectors/cloudevents/source.ts readCloudEvents', 'cli/import-files.ts readImport'],
      weight: 4,
      make: random =>
        Buffer.concat([1, 2].map(() => Buffer.concat([mutatedText(pick(SAMPLES, random), random), Buffer.from('\n')]))),
      async take(bytes: Buffer) {
        for await (const line of linesOf(Readable.from([bytes]), 4_096))
          if (line.bytes !== undefined) translateLine(line.bytes)
        unpolluted()
      },
    }),
    over({
      name: 'OCEL logs',
      covers: [
        'connectors/ocel/ocel-log.ts parseOcel',
        'connectors/ocel/read-order-management.ts readOrderManagement',
        'connectors/ocel/source.ts readOcelFile',
      ],
      weight: 4,
      make: random => mutatedValue(ocel, random),
      take(value: unknown) {
        const parsed = parseOcel(value)
        const read = 'log' in parsed ? readOrderManagement(parsed.log) : parsed
        if ('log' in read) translate(read.log)
      },
    }),
    over({
      name: 'GraphQL documents',
      covers: ['graphql/operations/prepare.ts parsedWithin'],
      weight: 4,
      make: random => mutatedQuery(pick(QUERIES, random), QUERY_WORDS, random),
      take(query: string) {
        const prepared = preparer.prepare({ query, variables: { n: 3 } })
        if ('errors' in prepared && prepared.errors.length === 0) throw new FuzzFailure('refused without a reason')
      },
    }),
    over({
      name: 'GraphQL variables',
      covers: ['graphql/operations/prepare.ts parsedWithin'],
      weight: 2,
      make: random => mutatedValue({ n: 3, filter: { lifecycle: ['accepted'] } }, random),
      take: (variables: Record<string, unknown>) => preparer.prepare({ query: QUERIES[1] as string, variables }),
    }),
    over({
      name: 'bytes',
      covers: [],
      weight: 1,
      make: random => mutatedBytes(Buffer.from(JSON.stringify(pick(SAMPLES, random))), random),
      take: (bytes: Buffer) => readJson(bytes),
    }),
  ]
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

function unpolluted(): void {
  if ('polluted' in {}) throw new FuzzFailure('Object.prototype was changed')
}
