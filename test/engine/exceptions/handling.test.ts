// What people did stands in the journal and nowhere else: whoever opens it again knows the same.
import { randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Random, seededRandom } from '../../../connectors/simulated/random.ts'
import { parsePosition } from '../../../engine/answers.ts'
import { cardText } from '../../../engine/card/card-text.ts'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import type { JournalEntry } from '../../../engine/entry.ts'
import type { OrderException } from '../../../engine/exceptions/condition.ts'
import { Handlings } from '../../../engine/exceptions/handling.ts'
import { wholeOf } from '../../../engine/exceptions/open-list.ts'
import { Watch } from '../../../engine/exceptions/watch.ts'
import { packFamily } from '../../../engine/family-codec.ts'
import { newJournalMemory } from '../../../engine/journal/memory-journal.ts'
import type { EventInput } from '../../../machines/event.ts'
import { act, discard, link, retry } from '../../helpers/acts.ts'
import { desk, msAt } from '../../helpers/desk.ts'
import { cardAt } from '../../helpers/desk-card.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { openTestTwin, type TestTwin } from '../../helpers/test-twin.ts'

const ORDERS = ['A1', 'A2', 'A3', 'A4'] as const
const NOON_MS = msAt('12:00')

async function watched(twin: TestTwin): Promise<Watch> {
  const watch = new Watch({ twin, policies: DEFAULT_POLICIES, clock: twin.clock })
  const running = watch.run()
  onTestFinished(async () => {
    watch.close()
    await running
  })
  await upToDate(twin, watch)
  return watch
}

async function upToDate(twin: TestTwin, watch: Watch): Promise<void> {
  await watch.upTo(parsePosition(twin.head().position) ?? 0)
  await watch.tick()
}

const told = (watch: Watch): readonly string[] =>
  [...watch.openExceptions()]
    .map(wholeOf)
    .map(each => JSON.stringify(each))
    .sort()

async function families(twin: TestTwin): Promise<readonly string[]> {
  const found = await Promise.all(ORDERS.map(id => twin.family(id)))
  return found.map(family => (family === undefined ? '' : Buffer.from(packFamily(family)).toString('base64')))
}

/** Trouble of every kind an act can be about, in any order. */
function trouble(random: Random, index: number): EventInput {
  const order = ORDERS[random.whole(ORDERS.length)] as string
  const kinds: readonly (() => EventInput)[] = [
    () => readyOrder(order)[random.whole(4)] as EventInput,
    () => captured(order, '00:10'),
    () => released(order, `S-${order}`, '01:00', 1 + random.whole(12)),
    () => event('erp', 'credit.held', `order/${order}`, 60 + index),
    () => event('wms', 'order.accepted', `order/${order}`, 60 + index),
    () => event('ups', 'shipment.in_transit', `ref/tracking/T-${order}`, 200 + index),
  ]
  return (kinds[random.whole(kinds.length)] as () => EventInput)()
}

/** Something done about an exception that is open. */
function done(random: Random, { event: behind, family, key }: OrderException): EventInput {
  const about = [{ family, exception: key }]
  const acts: readonly (() => EventInput)[] = [
    () => act('exception.assigned', family, { about, person: `P-${random.whole(3)}` }),
    () => act('exception.noted', family, { about, text: `note ${random.whole(100)}` }),
    () => retry(family, behind ?? NOTHING),
    () => discard(family, behind ?? NOTHING),
    () => link(family.replace('ref:', ''), ORDERS[random.whole(ORDERS.length)] as string, 'order'),
  ]
  const made = (acts[random.whole(acts.length)] as () => EventInput)()
  return made.type === 'reference.linked' ? made : { ...made, data: { ...(made.data as object), about } }
}
const NOTHING = { source: 'erp', id: 'none' }

describe('[X8] what people did', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('[E6] is the same after a restart, as is all it led to (seed %i)', async seed => {
    const random = seededRandom(seed)
    const memory = newJournalMemory(randomBytes)
    const twin = await openTestTwin({ sources: SOURCES, memory, nowMs: NOON_MS })
    const watch = await watched(twin)
    const sent: EventInput[] = []
    for (let index = 0; index < 60; index++) {
      const open = [...watch.openExceptions()].map(wholeOf)
      const exception = open[random.whole(Math.max(1, open.length))]
      const isAct = exception !== undefined && random.chance(0.4)
      const next = isAct ? done(random, exception) : trouble(random, index)
      sent.push(next)
      const isForced = isAct === false && random.chance(0.1)
      await twin.submit([isForced ? { ...next, source: 'ann' } : next], undefined, isForced ? 'by hand' : undefined)
      // Clients whose answer was lost send the same again.
      if (random.chance(0.2)) await twin.submit([next])
      await upToDate(twin, watch)
    }
    const acts = sent.filter(({ source }) => source === 'ann')
    expect(acts.length).toBeGreaterThan(5)
    const again = await openTestTwin({ sources: SOURCES, memory, nowMs: NOON_MS })
    expect(told(await watched(again))).toEqual(told(watch))
    expect(await families(again)).toEqual(await families(twin))
    expect(new Set((await again.submit(acts)).map(({ outcome }) => outcome))).toEqual(new Set(['duplicate']))
  })

  it('[X6] stays with the exception when it closes, and comes back with it', () => {
    const { history, say, world } = desk()
    say(...readyOrder('A1'), event('erp', 'credit.held', 'order/A1', '00:50'))
    const about = [{ family: 'A1', exception: 'credit_hold|order|' }]
    world.submit(act('exception.assigned', 'A1', { about, person: 'Ben' }))
    world.submit(act('exception.noted', 'A1', { about, text: 'asked accounting' }))
    say(event('erp', 'credit.released', 'order/A1', '12:10'), event('erp', 'credit.held', 'order/A1', '12:20'))
    const periods = history('A1', '13:00').filter(({ exception: { kind } }) => kind === 'credit_hold')
    expect(periods).toHaveLength(2)
    for (const { exception } of periods)
      expect(exception.handling).toMatchObject({
        assigned: { person: 'Ben' },
        steps: [{}, { text: 'asked accounting' }],
      })
  })

  it('[X8] is bounded: of one exception the last hundred steps, of one order those of the last thousand exceptions', () => {
    const { say, world } = desk()
    say(...readyOrder('A1'), act('exception.noted', 'A1', { text: 'lost?' }))
    const noted = world.entries.at(-1) as JournalEntry
    const handlings = new Handlings()
    const note = (exception: string, position = noted.position) => {
      const data = { about: [{ family: 'A1', exception }], text: 'lost?' }
      handlings.fold({ ...noted, position, event: { ...noted.event, data } })
    }
    for (let position = 1; position <= 150; position++) note('first', position)
    const positions = Array.from({ length: 100 }, (_, index) => index + 51)
    expect(handlings.of('first')?.steps.map(({ position }) => position)).toEqual(positions)
    for (let index = 0; index < 1_000; index++) note(`${index}`)
    expect([handlings.of('first'), handlings.of('0')?.steps.length]).toEqual([undefined, 1])
  })

  it('[K2] is on the card: who has taken the one thing to do', () => {
    const on = desk()
    on.say(...readyOrder('A1'), event('erp', 'credit.held', 'order/A1', '00:50'))
    const about = [{ family: 'A1', exception: 'credit_hold|order|' }]
    const toDo = () => cardText(cardAt(on, 'A1', '12:30')).find(line => line.startsWith('To do:'))
    expect(toDo()).not.toContain('Taken')
    on.world.submit(act('exception.assigned', 'A1', { about, person: 'Ben' }))
    expect(toDo()).toMatch(/Release the credit hold.*\. Taken by Ben$/)
  })

  it('[X1] a discarded event closes what it had opened, and the discard is cited', () => {
    const { history, kinds, say, world } = desk()
    const wrong = event('wms', 'order.accepted', 'order/A1', '01:00')
    say(...readyOrder('A1'), wrong)
    expect(kinds('A1', '01:30')).toContain('refused_event')
    const answer = world.submit(discard('A1', wrong))
    expect(kinds('A1', '12:30')).not.toContain('refused_event')
    const period = history('A1', '13:00').find(({ exception: { kind } }) => kind === 'refused_event')
    expect(period?.closedBy?.position).toBe(answer.entries[0]?.position)
  })
})
