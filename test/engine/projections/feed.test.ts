import { expect, test } from 'vitest'
import type { FeedItem } from '../../../engine/twin.ts'
import { captured } from '../../helpers/distributor.ts'
import { DAY_START_MS, openMemoryEngine } from '../../helpers/memory-engine.ts'

const open = () => openMemoryEngine({ nowMs: DAY_START_MS + 86_400_000 })
const orders = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => captured(`O-${from + index}`, '08:00'))

async function next(items: AsyncIterator<FeedItem>, count: number): Promise<readonly string[]> {
  const families: string[] = []
  while (families.length < count) families.push(((await items.next()).value as FeedItem).entry.family)
  return families
}
const names = (from: number, count: number) => orders(from, count).map(event => event.subject.slice('order/'.length))

test('[P1] a follower receives each entry once, in order, from its cursor on', async () => {
  const { engine } = await open()
  await engine.submit(orders(1, 5))
  const all = engine.follow({ after: '' })[Symbol.asyncIterator]()
  const first = (await all.next()).value as FeedItem
  expect([first.entry.family, ...(await next(all, 4))]).toEqual(names(1, 5))
  expect(await next(engine.follow({ after: first.cursor })[Symbol.asyncIterator](), 4)).toEqual(names(2, 4))
  await engine.close()
})

test('[P2] what is published while it catches up comes after, without gap or repeat', async () => {
  const { engine } = await open()
  await engine.submit(orders(1, 5))
  const items = engine.follow({ after: '' })[Symbol.asyncIterator]()
  expect(await next(items, 2)).toEqual(names(1, 2))
  await engine.submit(orders(6, 5))
  expect(await next(items, 8)).toEqual(names(3, 8))
  await engine.close()
})

test('[P3] a follower that falls behind its backlog loses nothing: it reads the journal again', async () => {
  const { engine } = await open()
  const items = engine.follow({ after: '' })[Symbol.asyncIterator]()
  await engine.submit(orders(1, 1))
  expect(await next(items, 1)).toEqual(names(1, 1))
  // Several batches, together more than a backlog of 4,096 holds.
  for (let from = 2; from < 6_002; from += 1_500) await engine.submit(orders(from, 1_500))
  expect(await next(items, 6_000)).toEqual(names(2, 6_000))
  await engine.close()
})
