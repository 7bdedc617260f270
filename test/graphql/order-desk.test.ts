// What is put together for an answer is as of one moment, though events come in while it is.
import { expect, onTestFinished, test } from 'vitest'
import { DEFAULT_POLICIES } from '../../engine/deadlines/policies.ts'
import type { Family } from '../../engine/family.ts'
import { OrderDesk } from '../../graphql/desk/order-desk.ts'
import { captured, event } from '../helpers/distributor.ts'
import { openMemoryEngine } from '../helpers/memory-engine.ts'

test('[Q28] freshness is of the family that was read: entries that came since tell nothing of it', async () => {
  const { engine } = await openMemoryEngine()
  const desk = new OrderDesk(engine, DEFAULT_POLICIES, error => expect.unreachable(String(error)))
  onTestFinished(() => desk.close())
  await engine.submit([captured('O-1', '00:10')])
  const family = (await engine.family('O-1')) as Family
  const before = await desk.entries('O-1')
  await engine.submit([event('erp', 'order.validated', 'order/O-1', '00:20')])
  const after = await desk.entries('O-1')
  expect([before.length, after.length]).toEqual([1, 2])
  expect(await desk.facts(family, async () => after)).toEqual(await desk.facts(family, async () => before))
})
