import { expect, test } from 'vitest'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { DAY_START_MS, failingAfter, openMemoryEngine } from '../../helpers/memory-engine.ts'

const nowMs = DAY_START_MS + 86_400_000

/** A commit that, once armed, waits until it is let go. */
class HeldCommit {
  readonly reached = Promise.withResolvers<void>()
  readonly gate = Promise.withResolvers<void>()
  isArmed = false
  readonly commit = async (): Promise<void> => {
    if (!this.isArmed) return
    this.reached.resolve()
    await this.gate.promise
  }
}

test('[E3] [E2] while an append is in flight nothing of it is seen, and nothing else is decided', async () => {
  const held = new HeldCommit()
  const { engine } = await openMemoryEngine({ commit: held.commit, nowMs })
  held.isArmed = true
  const answered: string[] = []
  const first = engine.submit([captured('O-1', '08:00')]).then(() => void answered.push('O-1'))
  await held.reached.promise
  const second = engine.submit([captured('O-2', '08:00')]).then(() => void answered.push('O-2'))
  await new Promise<void>(resolve => void setImmediate(resolve))
  expect(answered).toEqual([])
  expect(await engine.family('O-1')).toBeUndefined()
  expect(await engine.find('O-1')).toEqual({ kind: 'none' })
  expect(engine.orders({}, { by: 'number', descending: false }, { first: 10 }).totalCount).toBe(0)
  expect(engine.sources().find(({ source }) => source.id === 'shop')?.outcomes).toEqual({})
  held.gate.resolve()
  await Promise.all([first, second])
  expect(answered).toEqual(['O-1', 'O-2'])
  expect(engine.orders({}, { by: 'number', descending: false }, { first: 10 }).totalCount).toBe(2)
  await engine.close()
})

test('[E5] [L2] after a failed append every family is as it was', async () => {
  // One commit for the settings, one for the order.
  const { engine } = await openMemoryEngine({ commit: failingAfter(2), nowMs })
  await engine.submit([captured('O-1', '08:00')])
  const before = await engine.family('O-1')
  const [lost] = await engine.submit([event('erp', 'order.accepted', 'order/O-1', '09:00')])
  expect(lost?.outcome).toBe('journal_unavailable')
  expect(await engine.family('O-1')).toEqual(before)
  await engine.close()
})

test('[L1] a family in memory is as of its last entry, whatever woke it', async () => {
  const { engine } = await openMemoryEngine({ nowMs })
  await engine.submit([released('O-1', 'S-1', '01:00'), ...readyOrder('O-1')])
  const entries = await engine.entries('O-1', { after: 0, first: 100 })
  const family = await engine.family('O-1')
  expect(family?.actors['shipment/EAST/S-1']).toBeDefined()
  expect(family?.head).toBe(entries.at(-1)?.position)
  await engine.close()
})

test('[E6] replay asks neither owners nor sources: opened with other ones, the store tells the same', async () => {
  const { engine, memory } = await openMemoryEngine({ nowMs })
  await engine.submit([...readyOrder('O-1'), released('O-1', 'S-1', '01:00')])
  const told = await engine.family('O-1')
  const counts = engine.stateCounts('shipment')
  await engine.close()
  const again = await openMemoryEngine({ memory, nowMs, sources: SOURCES.slice(0, 1) })
  expect(await again.engine.family('O-1')).toEqual(told)
  expect(again.engine.stateCounts('shipment')).toEqual(counts)
  await again.engine.close()
})
