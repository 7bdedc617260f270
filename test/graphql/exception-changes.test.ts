import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICIES } from '../../engine/deadlines/policies.ts'
import type { Team } from '../../engine/exceptions/catalogue.ts'
import type { OrderException } from '../../engine/exceptions/condition.ts'
import { conditionsOf, openAt } from '../../engine/exceptions/exceptions.ts'
import type { ExceptionChange } from '../../engine/exceptions/watch.ts'
import { ExceptionChanges } from '../../graphql/desk/exception-changes.ts'
import { ExceptionStream } from '../../graphql/desk/exception-stream.ts'
import { valuesOf } from '../../graphql/live/telling.ts'
import { Waker } from '../../graphql/live/waker.ts'
import { desk, msAt } from '../helpers/desk.ts'
import { event, readyOrder } from '../helpers/distributor.ts'

function held(): OrderException {
  const told = desk()
  told.say(...readyOrder('A1'), event('erp', 'credit.held', 'order/A1', '00:50'))
  const conditions = conditionsOf(told.facts('A1'), { policies: DEFAULT_POLICIES })
  return openAt(conditions, { family: 'A1', nowMs: msAt('01:00'), policies: DEFAULT_POLICIES })[0] as OrderException
}

const EXCEPTION = held()
const of = (family: string, kind: ExceptionChange['kind'] = 'opened', position = 1): ExceptionChange => ({
  kind,
  exception: { ...EXCEPTION, family },
  position,
})

/** A watch that says what a test has it say, and the log of what it said. */
function changesOf(most = 1_000_000) {
  const listeners = new Set<(change: ExceptionChange) => void>()
  const watch = {
    listen(listener: (change: ExceptionChange) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const changes = new ExceptionChanges(watch, most)
  const say = (change: ExceptionChange) => {
    for (const listener of listeners) listener(change)
  }
  const read = (isWanted: (exception: OrderException) => boolean = () => true) =>
    new ExceptionStream({ changes, waker: new Waker(), isWanted })
  return { changes, listeners, say, read }
}

function taken(stream: ExceptionStream): readonly string[] {
  const all: string[] = []
  for (let next = stream.take(); next !== undefined; next = stream.take())
    all.push(`${next.what.exception.family} ${next.what.kind}`)
  return all
}

const inTeam = (team: Team): OrderException => ({ ...EXCEPTION, family: 'A1', team })
const isOf = (team: Team) => (exception: OrderException) => exception.team === team

describe('[Q26] changes of exceptions', () => {
  it('that come ten thousand at once all reach a reader who has read none of them', () => {
    const { read, say } = changesOf()
    const [one, other] = [read(), read()]
    for (let index = 0; index < 10_000; index++) say(of(`A${index}`))
    expect([taken(one).length, taken(other).length, new Set(taken(one)).size]).toEqual([10_000, 10_000, 0])
  })

  it('are told once, as the latest of each, to who falls behind; each to who keeps up', () => {
    const { read, say } = changesOf()
    const [slow, quick] = [read(), read()]
    say(of('A1'))
    say(of('A2'))
    expect(taken(quick)).toEqual(['A1 opened', 'A2 opened'])
    say(of('A1', 'closed'))
    expect(taken(quick)).toEqual(['A1 closed'])
    expect(taken(slow)).toEqual(['A2 opened', 'A1 closed'])
    expect(taken(read())).toEqual([])
  })

  it('end a reader that is too far behind, and nobody else', async () => {
    const { read, say } = changesOf(2_048)
    const [slow, quick] = [read(), read()]
    for (let index = 0; index < 4_096; index++) {
      say(of(`A${index}`))
      taken(quick)
    }
    expect(slow.take()).toBeUndefined()
    await expect(slow.more()).rejects.toMatchObject({ extensions: { code: 'TOO_FAR_BEHIND' } })
    say(of('B1'))
    expect(taken(quick)).toEqual(['B1 opened'])
  })

  it('that a reader does not want never put it behind', async () => {
    const { read, say } = changesOf(1_024)
    const told: string[] = []
    const stream = read(({ family }) => family.startsWith('B'))
    const reading = (async () => {
      for await (const change of valuesOf(stream)) {
        told.push((change as ExceptionChange).exception.family)
        if (told.length === 2) stream.end()
      }
    })()
    for (let index = 0; index < 4_096; index++) say(of(`A${index}`))
    say(of('B1'))
    while (told.length === 0) await new Promise<void>(resolve => void setImmediate(resolve))
    for (let index = 0; index < 4_096; index++) say(of(`C${index}`))
    say(of('B2'))
    await reading
    expect(told).toEqual(['B1', 'B2'])
  })

  it('that take it out of what a reader wants are told, those after it are not', () => {
    const { read, say } = changesOf()
    const [finance, logistics] = [read(isOf('finance')), read(isOf('logistics'))]
    const [first, second, third] = [inTeam('finance'), inTeam('logistics'), inTeam('finance')]
    const told = (change: ExceptionChange) => {
      say(change)
      return [taken(finance), taken(logistics)].map(each => each.length)
    }
    expect(told({ ...of('A1'), exception: first })).toEqual([1, 0])
    expect(told({ ...of('A1', 'changed'), exception: second, was: first })).toEqual([1, 1])
    expect(told({ ...of('A1', 'closed'), exception: second, was: second })).toEqual([0, 1])
    expect(told({ ...of('A1'), exception: third })).toEqual([1, 0])
  })

  it('that take it out are told to who falls behind and to who waits, whatever came since', () => {
    const { read, say } = changesOf()
    const [slow, quick] = [read(isOf('finance')), read()]
    const [first, second] = [inTeam('finance'), inTeam('logistics')]
    say({ ...of('A1'), exception: first })
    expect([taken(slow), taken(quick)]).toEqual([['A1 opened'], ['A1 opened']])
    say({ ...of('A1', 'changed'), exception: second, was: first })
    expect(taken(quick)).toEqual(['A1 changed'])
    say({ ...of('A1', 'closed'), exception: second, was: second })
    expect([taken(slow), taken(quick)]).toEqual([['A1 closed'], ['A1 closed']])
    // All have read all of it: what was is no more remembered.
    say({ ...of('A1'), exception: second })
    say({ ...of('A1', 'closed'), exception: second, was: second })
    expect(taken(slow)).toEqual([])
  })

  it('remember once each way that an unread one was', () => {
    const { changes, read, say } = changesOf()
    read()
    const reader = changes.join(() => undefined)
    const [first, second] = [inTeam('finance'), inTeam('logistics')]
    for (let turn = 0; turn < 1_000; turn++) {
      say({ ...of('A1', 'changed'), exception: second, was: first })
      say({ ...of('A1', 'changed'), exception: first, was: second })
    }
    expect(changes.take(reader)?.before).toEqual([first, second])
  })

  it('are not kept where nobody reads', () => {
    const { listeners, read, say } = changesOf()
    const stream = read()
    expect(listeners.size).toBe(1)
    stream.end()
    expect(listeners.size).toBe(0)
    say(of('A1'))
    expect(taken(read())).toEqual([])
  })
})
