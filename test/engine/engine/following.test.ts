import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../engine/engine.ts'
import type { JournalEntry } from '../../../engine/entry.ts'
import { captured, orderIds } from '../../helpers/distributor.ts'
import { openMemoryEngine } from '../../helpers/memory-engine.ts'

const orders = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => captured(`O-${from + index}`, '00:10'))

/** Reads `count` entries of a feed, at the reader's own pace. */
async function read(feed: AsyncIterator<{ cursor: string; entry: { family: string } }>, count: number) {
  const items: { cursor: string; family: string }[] = []
  while (items.length < count) {
    const { done, value } = await feed.next()
    if (done) break
    items.push({ cursor: value.cursor, family: value.entry.family })
  }
  return items
}

const families = (items: readonly { family: string }[]) => items.map(each => each.family)
const followed = (engine: Engine, after?: string, signal?: AbortSignal) =>
  engine.follow({ after, signal })[Symbol.asyncIterator]()

describe('following', () => {
  test('[P1] from the beginning, then live, each entry once and in order', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit(orders(1, 100))
    const feed = followed(engine, '')
    const past = await read(feed, 50)
    await engine.submit(orders(101, 50))
    const rest = await read(feed, 100)
    expect(families([...past, ...rest])).toEqual(orderIds(150))
  })

  test('[P1] without a cursor it begins with what comes next', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit(orders(1, 10))
    const next = read(followed(engine), 2)
    await engine.submit(orders(11, 2))
    expect(families(await next)).toEqual(orderIds(2, 11))
  })

  test('[P1] from any cursor it goes on after it', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit(orders(1, 20))
    const all = await read(followed(engine, ''), 20)
    for (const [index, { cursor }] of all.slice(0, -1).entries())
      expect(families(await read(followed(engine, cursor), 1))).toEqual([`O-${index + 2}`])
  })

  test('[P2] readers that start while events come in miss none and see none twice', async () => {
    const { engine } = await openMemoryEngine({ limits: { batchEventsMax: 7 } })
    const readers: Promise<readonly string[]>[] = []
    const submissions: Promise<unknown>[] = []
    for (let round = 0; round < 20; round++) {
      submissions.push(engine.submit(orders(1 + round * 50, 50)))
      readers.push(read(followed(engine, ''), 1_000).then(families))
      if (round % 3 === 0) await submissions[round]
    }
    for (const reader of readers) expect(await reader).toEqual(orderIds(1_000))
    await Promise.all(submissions)
  })

  test('[P3] [E8] a reader that falls behind loses no entry: it reads them from the journal', async () => {
    const { engine } = await openMemoryEngine()
    const feed = followed(engine, '')
    await engine.submit(orders(1, 10))
    const first = await read(feed, 1)
    // More than a backlog holds, while the reader is busy with its first.
    await engine.submit(orders(11, 10_000))
    const rest = await read(feed, 10_009)
    expect(families([...first, ...rest])).toEqual(orderIds(10_010))
    await engine.submit(orders(20_000, 1))
    expect(families(await read(feed, 1))).toEqual(['O-20000'])
  })

  test('ends when it is told to, and with the twin', async () => {
    const { engine } = await openMemoryEngine()
    const stop = new AbortController()
    const stopped = read(followed(engine, undefined, stop.signal), 1)
    const closed = read(followed(engine), 1)
    stop.abort()
    expect(await stopped).toEqual([])
    await engine.close()
    expect(await closed).toEqual([])
  })

  test('a filter passes what it wants', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit(orders(1, 30))
    const feed = engine.follow({ after: '', filter: entry => entry.family.endsWith('7') })
    expect(families(await read(feed[Symbol.asyncIterator](), 3))).toEqual(['O-7', 'O-17', 'O-27'])
  })
  test('[P1] [E3] a companion hears each entry once, when it is durable, from then on and until it leaves', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit(orders(1, 10))
    const heard: { position: number; family: string }[] = []
    const fold = (entries: readonly JournalEntry[]) => {
      for (const { family, position } of entries) {
        expect(engine.head().position >= engine.positionText(position)).toBe(true)
        heard.push({ family, position })
      }
    }
    const { leave } = engine.attach({ name: 'heard', fold, saved: () => undefined })
    await engine.submit(orders(11, 20))
    await engine.preview(orders(40, 1))
    await engine.submit(orders(31, 1))
    leave()
    await engine.submit(orders(32, 1))
    expect(families(heard)).toEqual(orderIds(21, 11))
    expect(heard.map(({ position }) => position)).toEqual(heard.map((_, index) => (heard[0]?.position ?? 0) + index))
  })
})
