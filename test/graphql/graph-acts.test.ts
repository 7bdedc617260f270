import { describe, expect, it } from 'vitest'
import { msAt } from '../helpers/desk.ts'
import { captured, event, readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { openMemoryEngine } from '../helpers/memory-engine.ts'
import { serve } from '../helpers/wire.ts'
import { type Answer, ask, codeOf, socketClient, subscription, take, type World, world } from './graph-clients.ts'

const held = (order: string, time = '00:50') => event('erp', 'credit.held', `order/${order}`, time)
const WHY = 'agreed with the customer by telephone'

const SHOWN = `id kind team state assignee { team person by } notes { text by } steps { kind by text }
  behind { source eventId } closedAt closedBy { event source }`

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
async function open({ query }: World, where: object = {}): Promise<any[]> {
  const { data } = await query(`query($where: ExceptionFilter) { exceptions(where: $where) { nodes { ${SHOWN} } } }`, {
    where,
  })
  return data.exceptions.nodes
}

const mutate = ({ query }: World, field: string, types: string, variables: object, shown = SHOWN): Promise<Answer> =>
  query(
    `mutation(${types}) { ${field}(${types
      .split(', ')
      .map(each => each.slice(1, each.indexOf(':')))
      .map(name => `${name}: $${name}`)
      .join(', ')}) { ${shown} } }`,
    variables,
  )

const note = (on: World, id: string, text: string, more: object = {}) =>
  mutate(on, 'noteException', '$id: ID!, $text: String!, $by: ID, $requestId: ID', { id, text, by: 'ann', ...more })
const assign = (on: World, id: string, to: object) =>
  mutate(on, 'assignException', '$id: ID!, $team: Team, $person: String, $by: ID', { id, by: 'ann', ...to })
const OUTCOME = 'outcome code reason isTransient'
const retry = (on: World, id: string, more: object = {}) =>
  mutate(
    on,
    'retryException',
    '$id: ID!, $reason: String!, $by: ID, $requestId: ID',
    { id, reason: WHY, by: 'ann', ...more },
    OUTCOME,
  )
const discard = (on: World, id: string, more: object = {}) =>
  mutate(on, 'discardException', '$id: ID!, $reason: String!, $by: ID, $requestId: ID', {
    id,
    reason: WHY,
    by: 'ann',
    ...more,
  })

const refused = ({ errors }: Answer) => [
  errors?.[0]?.extensions.code,
  (errors?.[0]?.extensions.outcome as { code?: string } | undefined)?.code,
]

describe('assignments and notes', () => {
  it('[Q32] [X8] are on the exception, survive that it closes, and are there when it opens again', async () => {
    const on = await world([...readyOrder('A1'), held('A1')])
    on.twin.clock.nowMs = msAt('02:00')
    const [{ id }] = await open(on)
    expect((await assign(on, id, { team: 'customer_service', person: 'Ben' })).data.assignException).toMatchObject({
      kind: 'credit_hold',
      team: 'customer_service',
      state: 'changed',
      assignee: { team: 'customer_service', person: 'Ben', by: 'ann' },
    })
    expect((await note(on, id, 'asked accounting')).data.noteException.notes).toEqual([
      { text: 'asked accounting', by: 'ann' },
    ])
    expect(await open(on, { person: ['Ben'] })).toHaveLength(1)
    expect(await open(on, { team: ['finance'] })).toEqual([])
    expect(await open(on, { isAssigned: false })).toEqual([])
    await on.twin.submit([event('erp', 'credit.released', 'order/A1', '01:00')])
    expect(await open(on)).toEqual([])
    expect((await note(on, id, 'closed by itself')).data.noteException).toMatchObject({
      state: 'closed',
      closedBy: { event: 'credit.released', source: 'erp' },
      notes: [{ text: 'asked accounting' }, { text: 'closed by itself' }],
    })
    await on.twin.submit([held('A1', '01:30')])
    expect(await open(on)).toMatchObject([
      { id, assignee: { person: 'Ben' }, steps: [{ kind: 'assigned' }, { kind: 'noted' }, { kind: 'noted' }] },
    ])
    expect((await assign(on, id, {})).data.assignException).toMatchObject({ team: 'finance', assignee: null })
    const { data } = await on.query('{ order(ref: "A1") { exceptionHistory { exception { notes { text } } } } }')
    expect(data.order.exceptionHistory).toHaveLength(2)
    expect(data.order.exceptionHistory[0].exception.notes).toHaveLength(2)
  })

  it('[Q32] the same request acts once', async () => {
    const on = await world([...readyOrder('A1'), held('A1')])
    on.twin.clock.nowMs = msAt('02:00')
    const [{ id }] = await open(on)
    for (let time = 0; time < 3; time++) {
      on.twin.clock.nowMs += 1_000
      const { data } = await note(on, id, 'asked accounting', { requestId: 'r-1' })
      expect(data.noteException.notes).toHaveLength(1)
    }
    expect(refused(await note(on, id, 'something else', { requestId: 'r-1' }))).toEqual(['ACT_REFUSED', 'id_reused'])
    expect(codeOf(await note(on, id, 'asked accounting', { requestId: 'x'.repeat(201) }))).toBe('BAD_ARGUMENT')
    expect(refused(await note(on, id, 'x'.repeat(4_001)))).toEqual(['ACT_REFUSED', 'malformed'])
    expect(codeOf(await note(on, 'x', 'of what?'))).toBe('UNKNOWN_EXCEPTION')
  })

  it('[Q26] a subscription tells that somebody did something about it', async () => {
    const on = await world([...readyOrder('A1'), held('A1')])
    on.twin.clock.nowMs = msAt('02:00')
    const [{ id }] = await open(on)
    const changes = subscription(
      socketClient(on.server),
      'subscription { exceptionChanged { kind state assignee { person } notes { text } } }',
    )
    const pending = take(changes, 1)
    for (let turn = 0; turn < 50; turn++) await new Promise<void>(resolve => void setImmediate(resolve))
    await assign(on, id, { person: 'Ben' })
    expect(await pending).toMatchObject([
      { exceptionChanged: { kind: 'credit_hold', state: 'changed', assignee: { person: 'Ben' } } },
    ])
    await note(on, id, 'asked accounting')
    expect(await take(changes, 1)).toMatchObject([{ exceptionChanged: { notes: [{ text: 'asked accounting' }] } }])
    await changes.return?.()
  })
})

describe('several acts in one mutation', () => {
  it('[Q32] each shows what it came to, and the order as it is after it', async () => {
    const refusals = ['01:00', '01:10'].map(time => event('wms', 'order.accepted', 'order/A1', time))
    const on = await world([...readyOrder('A1'), ...refusals])
    on.twin.clock.nowMs = msAt('02:00')
    const [first, second] = await open(on, { kind: ['refused_event'] })
    const shown =
      '{ state closedAt closedBy { position } steps { position } order { position exceptions { id } history { nodes { position } } } }'
    const { data, errors } = await on.query(
      `mutation($first: ID!, $second: ID!, $reason: String!) {
        a: discardException(id: $first, reason: $reason, by: "ann") ${shown}
        b: discardException(id: $second, reason: $reason, by: "ann") ${shown} }`,
      { first: first.id, second: second.id, reason: WHY },
    )
    expect(errors).toBeUndefined()
    const closed = ({ position }: { position: string }, left: object[]) => ({
      state: 'closed',
      closedAt: '2026-11-21T02:00:00.000Z',
      closedBy: { position },
      order: { position, exceptions: left, history: { nodes: expect.arrayContaining([{ position }]) } },
    })
    expect(data.a).toMatchObject(closed(data.a.steps[0], [{ id: second.id }]))
    expect(data.b).toMatchObject(closed(data.b.steps[0], []))
  })
})

describe('who acts', () => {
  it('[Q33] must be named without credentials, and be an operator; with credentials the only one acts', async () => {
    const events = [...readyOrder('A1'), held('A1')]
    const on = await world(events)
    on.twin.clock.nowMs = msAt('02:00')
    const [{ id }] = await open(on)
    for (const by of [null, 'erp', 'nobody']) expect(codeOf(await note(on, id, 'x', { by }))).toBe('NOT_AN_OPERATOR')
    const known = await world(events, { authenticate: () => ({ sources: new Set(['ann']) }) })
    known.twin.clock.nowMs = msAt('02:00')
    expect((await note(known, id, 'x', { by: null })).data.noteException.notes).toEqual([{ text: 'x', by: 'ann' }])
    const foreign = await world(events, { authenticate: () => ({ sources: new Set(['erp']) }) })
    foreign.twin.clock.nowMs = msAt('02:00')
    expect(codeOf(await note(foreign, id, 'x'))).toBe('NOT_AN_OPERATOR')
  })
})

describe('retry and discard', () => {
  const early = () =>
    event('erp', 'order.released', 'order/A1', '01:00', {
      shipment: 'S-1',
      node: 'EAST',
      lines: [{ line: '1', quantity: 10 }],
    })

  it('[Q34] a retry answers what the event behind it comes to now', async () => {
    const on = await world([captured('A1', '00:10'), early()])
    on.twin.clock.nowMs = msAt('20:00')
    const [waiting] = await open(on, { kind: ['release_blocked'] })
    expect((await retry(on, waiting.id)).data.retryException).toEqual({
      outcome: 'parked',
      code: 'order_not_accepted',
      reason: 'the ERP has not accepted the order yet',
      isTransient: false,
    })
    expect((await open(on, { kind: ['release_blocked'] }))[0].steps).toMatchObject([{ kind: 'retried', text: WHY }])
  })

  it('[Q34] the same retry asked again answers what the event has come to, and tries nothing', async () => {
    const on = await world([captured('A1', '00:10'), early()])
    on.twin.clock.nowMs = msAt('20:00')
    const [{ id }] = await open(on, { kind: ['release_blocked'] })
    for (let time = 0; time < 2; time++)
      expect((await retry(on, id, { requestId: 'r-1' })).data.retryException).toMatchObject({
        outcome: 'parked',
        code: 'order_not_accepted',
      })
    expect((await open(on, { kind: ['release_blocked'] }))[0].steps).toHaveLength(1)
    await on.twin.submit(readyOrder('A1').slice(1))
    expect((await retry(on, id, { requestId: 'r-1' })).data.retryException).toMatchObject({ outcome: 'accepted' })
  })

  it('[Q34] discarding lets go of the event behind it for good; the exception closes and cites it', async () => {
    const release = early()
    const on = await world([captured('A1', '00:10'), release])
    on.twin.clock.nowMs = msAt('20:00')
    const [waiting] = await open(on, { kind: ['release_blocked'] })
    expect(waiting.behind).toEqual({ source: 'erp', eventId: release.id })
    for (let time = 0; time < 2; time++)
      expect((await discard(on, waiting.id, { requestId: 'd-1' })).data.discardException).toMatchObject({
        state: 'closed',
        closedBy: { event: 'exception.discarded', source: 'ann' },
        steps: [{ kind: 'discarded', text: WHY }],
      })
    expect(await open(on, { kind: ['release_blocked'] })).toEqual([])
    expect(refused(await discard(on, waiting.id))).toEqual(['ACT_REFUSED', 'nothing_to_discard'])
    const { data } = await on.query('{ history(ref: "A1") { nodes { event verdict frees position } } }')
    expect(data.history.nodes).toMatchObject([
      { event: 'order.captured' },
      { event: 'order.released', verdict: 'parked' },
      { event: 'exception.discarded', verdict: 'accepted', frees: [data.history.nodes[1].position] },
      { event: 'exception.discarded', verdict: 'not_allowed_in_state' },
    ])
    const [again] = await on.twin.submit([release])
    expect(again).toMatchObject({ outcome: 'duplicate', first: 'parked', code: 'discarded' })
    await on.twin.submit(readyOrder('A1').slice(1))
    expect((await on.query('{ order(ref: "A1") { shipments { number } } }')).data.order.shipments).toEqual([])
  })

  it('[Q34] what stands refused may be let go of; what is wrong with the business may not', async () => {
    const on = await world([...readyOrder('A1'), held('A1'), event('wms', 'order.accepted', 'order/A1', '01:00')])
    on.twin.clock.nowMs = msAt('02:00')
    const [wrong] = await open(on, { kind: ['refused_event'] })
    expect((await discard(on, wrong.id)).data.discardException).toMatchObject({ state: 'closed' })
    const [hold] = await open(on)
    expect(hold).toMatchObject({ kind: 'credit_hold', behind: null })
    expect(refused(await discard(on, hold.id))).toEqual(['ACT_REFUSED', 'fact_of_the_business'])
    expect((await retry(on, hold.id)).data.retryException).toMatchObject({ code: 'fact_of_the_business' })
  })

  it('[Q34] of what waits in several orders is done in all of them', async () => {
    const load = (order: string, shipment: string) => [
      ...readyOrder(order),
      released(order, shipment, '01:00', 10, { consignment: 'C-9' }),
    ]
    const refusal = event('wms', 'pick.completed', 'ref/consignment/C-9', '03:00', {
      lines: [{ line: '1', quantity: 11 }],
    })
    const on = await world([...load('A1', 'S-1'), ...load('A2', 'S-2'), refusal])
    on.twin.clock.nowMs = msAt('04:00')
    const found = await open(on, { kind: ['refused_event'] })
    expect(found).toHaveLength(1)
    expect((await discard(on, found[0].id)).data.discardException.state).toBe('closed')
    expect(await open(on, { kind: ['refused_event'] })).toEqual([])
    const entries = await Promise.all(['A1', 'A2'].map(id => on.twin.entries(id, { after: 0, first: 100 })))
    expect(entries.map(each => each.at(-1)?.event.type)).toEqual(['exception.discarded', 'exception.discarded'])
  })
})

describe('a cause in more orders than one act is about', () => {
  const orders = Array.from({ length: 230 }, (_, index) => `A${String(index).padStart(3, '0')}`)
  const load = (order: string) => [
    ...readyOrder(order),
    released(order, `S-${order}`, '01:00', 10, { consignment: 'C-9' }),
  ]
  const refusal = event('wms', 'pick.completed', 'ref/consignment/C-9', '03:00', {
    lines: [{ line: '1', quantity: 11 }],
  })

  it('[A1] [Q32] [Q34] is assigned and let go of in all of them; the same request does nothing twice', async () => {
    const on = await world([])
    await on.twin.submit(orders.flatMap(load))
    await on.twin.submit([refusal])
    on.twin.clock.nowMs = msAt('04:00')
    const [{ id }] = await open(on, { kind: ['refused_event'] })
    const stepsIn = async (order: string) => {
      const entries = await on.twin.entries(order, { after: 0, first: 100 })
      return entries.filter(({ event: { source } }) => source === 'ann').map(({ event: { type } }) => type)
    }
    for (let time = 0; time < 2; time++)
      expect((await note(on, id, 'all of it', { requestId: 'n-1' })).data.noteException.notes).toHaveLength(1)
    for (const order of orders) expect(await stepsIn(order)).toEqual(['exception.noted'])
    for (let time = 0; time < 2; time++)
      expect((await discard(on, id, { requestId: 'd-1' })).data.discardException.state).toBe('closed')
    expect(await open(on, { kind: ['refused_event'] })).toEqual([])
    for (const order of orders) expect(await stepsIn(order)).toEqual(['exception.noted', 'exception.discarded'])
  })
})

describe('all that a filter selects', () => {
  const select = (on: World, where: object) =>
    on.query('query($where: ExceptionFilter!) { exceptionSelection(where: $where) { count withEvent token } }', {
      where,
    })

  it('[Q35] is counted first; the mutation refuses when it selects others by then, and answers one outcome each', async () => {
    const refusals = ['A1', 'A2', 'A3'].map(order => event('wms', 'order.accepted', `order/${order}`, '01:00'))
    const on = await world([...['A1', 'A2', 'A3'].flatMap(order => [...readyOrder(order)]), held('A1'), ...refusals])
    on.twin.clock.nowMs = msAt('02:00')
    const where = { kind: ['refused_event', 'credit_hold'] }
    const { count, token, withEvent } = (await select(on, where)).data.exceptionSelection
    expect([count, withEvent]).toEqual([4, 3])
    const all = (more: object) =>
      mutate(
        on,
        'discardExceptions',
        '$where: ExceptionFilter!, $token: String!, $reason: String!, $by: ID',
        { where, reason: WHY, by: 'ann', ...more },
        `id outcome { ${OUTCOME} }`,
      )
    await on.twin.submit([event('wms', 'credit.held', 'order/A2', '01:10')])
    const changed = await all({ token })
    expect(codeOf(changed)).toBe('SELECTION_CHANGED')
    expect(changed.errors?.[0]?.extensions.count).toBe(5)
    const again = (await select(on, where)).data.exceptionSelection
    const { data } = await all({ token: again.token })
    const outcomes = data.discardExceptions.map((each: { outcome: { outcome: string; code: string } }) => each.outcome)
    expect(outcomes.map(({ code, outcome }: { code: string; outcome: string }) => code ?? outcome).sort()).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'accepted',
      'fact_of_the_business',
    ])
    expect((await open(on)).map(({ kind }) => kind)).toEqual(['credit_hold'])
    expect(codeOf(await all({ token: again.token }))).toBe('SELECTION_CHANGED')
  })

  it('[Q35] of more than 200 is refused, and by then nothing has been done', async () => {
    const orders = Array.from({ length: 201 }, (_, index) => `B${index}`)
    const on = await world(orders.map(order => event('wms', 'order.accepted', `order/${order}`, '01:00')))
    on.twin.clock.nowMs = msAt('02:00')
    expect(codeOf(await select(on, { kind: ['refused_event'] }))).toBe('TOO_MANY_SELECTED')
  })

  it('[Q35] is assigned and noted in one go', async () => {
    const on = await world(['A1', 'A2'].flatMap(order => [...readyOrder(order), held(order)]))
    on.twin.clock.nowMs = msAt('02:00')
    const where = { kind: ['credit_hold'] }
    const { token } = (await select(on, where)).data.exceptionSelection
    await mutate(
      on,
      'assignExceptions',
      '$where: ExceptionFilter!, $token: String!, $person: String, $by: ID',
      { where, token, person: 'Ben', by: 'ann' },
      'outcome { outcome }',
    )
    const { data } = await mutate(
      on,
      'noteExceptions',
      '$where: ExceptionFilter!, $token: String!, $text: String!, $by: ID',
      { where, token, text: 'a new credit limit is on its way', by: 'ann' },
      'outcome { outcome }',
    )
    expect(data.noteExceptions).toEqual([{ outcome: { outcome: 'accepted' } }, { outcome: { outcome: 'accepted' } }])
    expect(await open(on, { person: ['Ben'] })).toMatchObject([{ notes: [{ by: 'ann' }] }, { notes: [{ by: 'ann' }] }])
  })
})

describe('a link', () => {
  const scan = (time: string) => event('ups', 'shipment.in_transit', 'ref/tracking/T-9', time)
  const shipped = [
    ...readyOrder('A1'),
    released('A1', 'S-1', '01:00'),
    event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS' }),
  ]
  const linked = (on: World, to: string, count?: number) =>
    mutate(
      on,
      'linkReference',
      '$ref: String!, $to: ID!, $reason: String!, $count: Int, $by: ID',
      { ref: 'tracking/T-9', to, reason: WHY, count, by: 'ann' },
      'outcome code order entity',
    )

  it('[Q36] is previewed with its exact count, and done only where that is still so', async () => {
    const on = await world([...shipped, scan('03:00'), scan('04:00')])
    const { data } = await on.query('{ shipment(ref: "S-1") { id } }')
    const to = data.shipment.id
    const preview = await on.query(
      'query($to: ID!) { linkPreview(ref: "tracking/T-9", to: $to, by: "ann") { count outcomes { outcome entity } } }',
      { to },
    )
    expect(preview.data.linkPreview).toEqual({
      count: 2,
      outcomes: [
        { outcome: 'accepted', entity: 'shipment/S-1' },
        { outcome: 'accepted', entity: 'shipment/S-1' },
      ],
    })
    await on.twin.submit([scan('05:00')])
    expect((await linked(on, to, 2)).data.linkReference).toMatchObject([{ code: 'count_changed' }])
    expect((await linked(on, to, 3)).data.linkReference).toHaveLength(3)
    const { data: after } = await on.query(
      '{ shipment(ref: "S-1") { state { execution } } history(ref: "T-9") { nodes { event } } }',
    )
    expect(after.shipment.state.execution).toBe('in_transit')
    on.twin.clock.nowMs = msAt('20:00')
    expect(await open(on, { kind: ['unknown_subject'] })).toEqual([])
    expect((await on.twin.submit([scan('06:00')]))[0]).toMatchObject({ outcome: 'accepted', order: 'A1' })
    expect(codeOf(await linked(on, 'x'))).toBe('UNKNOWN_REFERENCE')
  })
})

describe('what a person forces', () => {
  const force = (on: World, forced: object, reason = WHY) =>
    on.query(
      `mutation($event: EventInput!, $reason: String!) { forceTransition(event: $event, reason: $reason) { ${OUTCOME} } }`,
      { event: forced, reason },
    )

  it('[Q37] is done over owner and permission, marked in history, and refused to who is no operator', async () => {
    const on = await world([captured('A1', '00:10')])
    const release = { ...released('A1', 'S-1', '01:00'), source: 'ann' }
    expect((await on.twin.preview([release]))[0]).toMatchObject({ outcome: 'not_owner' })
    expect((await force(on, { ...release, id: 'f-1' })).data.forceTransition).toMatchObject({ outcome: 'accepted' })
    expect((await force(on, { ...release, id: 'f-2', source: 'erp' })).data.forceTransition).toMatchObject({
      outcome: 'not_owner',
      code: 'operators_only',
    })
    const more = { ...released('A1', 'S-2', '02:00', 1), source: 'ann' }
    expect((await force(on, more)).data.forceTransition).toMatchObject({ code: 'over_release' })
    const { data } = await on.query(
      '{ history(ref: "A1", verdicts: [accepted]) { nodes { event source isOverride overrideReason } } }',
    )
    expect(data.history.nodes).toEqual([
      { event: 'order.captured', source: 'shop', isOverride: false, overrideReason: null },
      { event: 'order.released', source: 'ann', isOverride: true, overrideReason: WHY },
    ])
    on.twin.clock.nowMs = msAt('01:00')
    expect((await open(on)).filter(({ kind }) => kind === 'refused_event')).toEqual([])
    for (const reason of ['', '   ', 'x'.repeat(1_001)])
      expect(codeOf(await force(on, { ...release, id: 'f-3' }, reason))).toBe('BAD_ARGUMENT')
  })
})

describe('a preview of what a person forces', () => {
  const foresee = (on: World, forced: object, reason = WHY) =>
    on.query(
      `query($event: EventInput!, $reason: String!) { forcePreview(event: $event, reason: $reason) { outcome { ${OUTCOME} }
        moves { entity region from to } wakes { event eventId verdict } opens { kind state } closes { kind state } } }`,
      { event: forced, reason },
    )

  it('[Q37] has what would move, what would be judged again, what would open and close; then just that happens', async () => {
    const early = event('wms', 'shipment.acknowledged', 'shipment/S-1', '01:30')
    const on = await world([captured('A1', '00:10'), early, held('A1')])
    on.twin.clock.nowMs = msAt(4 * 1_440)
    const release = { ...released('A1', 'S-1', '01:00'), id: 'f-1', source: 'ann' }
    const kinds = async () => (await open(on)).map(({ kind }) => kind).sort()
    const [head, before] = [on.twin.head().position, await kinds()]
    const { data } = await foresee(on, release)
    const { closes, moves, opens, outcome, wakes } = data.forcePreview
    expect(outcome.outcome).toBe('accepted')
    expect(moves).toContainEqual({ entity: 'shipment/S-1', region: 'execution', from: null, to: 'released' })
    expect(moves).toContainEqual({ entity: 'order/A1', region: 'fulfilment', from: 'unallocated', to: 'released' })
    expect(moves).toContainEqual({
      entity: 'shipment/S-1',
      region: 'execution',
      from: 'released',
      to: 'acknowledged',
    })
    expect(wakes).toContainEqual({ event: 'shipment.acknowledged', eventId: early.id, verdict: 'accepted' })
    expect([on.twin.head().position, await kinds()]).toEqual([head, before])
    const changed = (rows: { kind: string }[]) => rows.map(({ kind }) => kind).sort()
    expect(changed(opens)).toEqual(['late_shipment'])
    expect(closes).not.toEqual([])
    await on.query(
      'mutation($event: EventInput!, $reason: String!) { forceTransition(event: $event, reason: $reason) { outcome } }',
      { event: release, reason: WHY },
    )
    const after = await kinds()
    // What waited under a number nobody knew is another family's.
    const gone = before.filter(kind => !after.includes(kind))
    expect([after.filter(kind => !before.includes(kind)), changed(closes)]).toEqual([changed(opens), gone])
  })

  it('[Q37] of what cannot be forced says why, and that nothing would move', async () => {
    const on = await world([captured('A1', '00:10')])
    const release = { ...released('A1', 'S-1', '01:00', 11), source: 'ann' }
    const none = { moves: [], wakes: [], opens: [], closes: [] }
    const refusal = (await foresee(on, release)).data.forcePreview
    expect(refusal).toMatchObject({ outcome: { code: 'over_release' }, ...none })
    const foreign = (await foresee(on, { ...release, source: 'erp' })).data.forcePreview
    expect(foreign).toMatchObject({ outcome: { code: 'operators_only' }, ...none })
    expect(codeOf(await foresee(on, release, ' '))).toBe('BAD_ARGUMENT')
    expect(await on.twin.entries('A1', { after: 0, first: 10 })).toHaveLength(1)
  })
})

describe('damaged goods', () => {
  const damaged = [
    ...readyOrder('A1'),
    released('A1', 'S-1', '01:00'),
    event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS' }),
    event('ups', 'shipment.damaged', 'shipment/S-1', '03:00', { lines: [{ line: '1', quantity: 4 }] }),
    event('erp', 'invoice.posted', 'order/A1', '03:30', {
      invoice: 'I-1',
      amountMinor: 1_000,
      lines: [{ line: '1', quantity: 10 }],
    }),
  ]
  const clear = (on: World, id: string, more: object = {}) =>
    mutate(on, 'clearDamage', '$id: ID!, $reason: String!, $by: ID, $requestId: ID', {
      id,
      reason: 'only the box was',
      by: 'ann',
      ...more,
    })

  it('[Q41] are cleared by a person: the exception closes and cites it, and what waited for it is invoiced', async () => {
    const on = await world(damaged)
    on.twin.clock.nowMs = msAt('04:00')
    const [{ id }] = await open(on, { kind: ['damaged'] })
    for (let time = 0; time < 2; time++)
      expect((await clear(on, id, { requestId: 'c-1' })).data.clearDamage).toMatchObject({
        state: 'closed',
        closedBy: { event: 'shipment.damage_cleared', source: 'ann' },
      })
    expect(await open(on, { kind: ['damaged', 'invoice_blocked'] })).toEqual([])
    const { data } = await on.query(
      '{ order(ref: "A1") { lines { invoiced } shipments { state { condition { damaged } } } } }',
    )
    expect(data.order).toEqual({
      lines: [{ invoiced: '10' }],
      shipments: [{ state: { condition: { damaged: false } } }],
    })
    expect(codeOf(await clear(on, id, { requestId: 'c-2' }))).toBe('BAD_ARGUMENT')
    const cleared = (await on.twin.entries('A1', { after: 0, first: 100 })).filter(
      each => each.event.type === 'shipment.damage_cleared',
    )
    expect(cleared.map(({ verdict }) => verdict)).toEqual(['accepted'])
  })

  it('[Q41] by operators, and nothing else is damage', async () => {
    const on = await world([...damaged, ...readyOrder('A2'), held('A2')])
    on.twin.clock.nowMs = msAt('04:00')
    const [hold] = await open(on, { kind: ['credit_hold'] })
    const [broken] = await open(on, { kind: ['damaged'] })
    expect(codeOf(await clear(on, hold.id))).toBe('BAD_ARGUMENT')
    expect(codeOf(await clear(on, broken.id, { by: 'wms' }))).toBe('NOT_AN_OPERATOR')
    expect(await open(on, { kind: ['damaged'] })).toHaveLength(1)
  })
})

describe('a correction', () => {
  it('[Q38] keeps both readings: as it was said, and as now known', async () => {
    const confirmed = event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', {
      lines: [{ line: '1', quantity: 10 }],
    })
    const on = await world([...readyOrder('A1'), released('A1', 'S-1', '01:00'), confirmed])
    const before = on.twin.head().position
    const data = { lines: [{ line: '1', quantity: 8 }] }
    await on.twin.submit([event('wms', 'correction.reported', 'shipment/S-1', '03:00', { event: confirmed.id, data })])
    const answer = await on.query(
      `query($before: String!) {
        order(ref: "A1") { lines { shipped } history { nodes { event data
          correction { data by { event source } } corrects { eventId data } } } }
        asOf(ref: "A1", position: $before) { lines { shipped } } }`,
      { before },
    )
    expect(answer.data.order.lines).toEqual([{ shipped: '8' }])
    expect(answer.data.asOf.lines).toEqual([{ shipped: '10' }])
    const nodes = answer.data.order.history.nodes
    expect(nodes.at(-2)).toEqual({
      event: 'shipment.confirmed',
      data: confirmed.data,
      correction: { data, by: { event: 'correction.reported', source: 'wms' } },
      corrects: null,
    })
    expect(nodes.at(-1)).toMatchObject({ correction: null, corrects: { eventId: confirmed.id, data: confirmed.data } })
    expect(nodes[0]).toMatchObject({ correction: null, corrects: null })
  })
})

describe('a family that was set aside', () => {
  it('[X9] is an exception of its own, until the store is opened again', async () => {
    const first = await openMemoryEngine()
    await first.engine.submit(readyOrder('A1'))
    await first.engine.submit(readyOrder('A2'))
    await first.engine.close()
    const { engine: twin, clock } = await openMemoryEngine({
      memory: first.memory,
      isDamaged: position => position === 2,
      sources: SOURCES,
    })
    const { url } = await serve({ twin })
    clock.nowMs = msAt('01:00')
    expect((await twin.submit([held('A1')]))[0]).toMatchObject({ code: 'family_quarantined' })
    const query =
      '{ exceptions(where: { kind: [poisoned] }) { nodes { id kind team severity orders openedAt order { number } evidence { event } steps { kind } } } }'
    const { data, errors } = await ask(url, query)
    expect(errors).toBeUndefined()
    expect(data.exceptions.nodes).toMatchObject([
      {
        kind: 'poisoned',
        team: 'integration',
        severity: 'critical',
        orders: ['A1'],
        openedAt: '2026-11-21T01:00:00.000Z',
      },
    ])
    const noted = await ask(
      url,
      'mutation($id: ID!) { noteException(id: $id, text: "restore it", by: "ann", requestId: "r") { id } }',
      { id: data.exceptions.nodes[0].id },
    )
    expect(refused(noted)).toEqual(['ACT_REFUSED', 'family_quarantined'])
    expect((await twin.submit([held('A2')]))[0]).toMatchObject({ outcome: 'accepted' })
  })
})
