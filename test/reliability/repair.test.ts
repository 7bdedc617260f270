// `ordertwin repair`: everything before and after a damaged block, and a list of what is missing.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importFiles } from '../../cli/import.ts'
import { repairStore } from '../../cli/repair.ts'
import { verifyStore } from '../../cli/verify-store.ts'
import { type DiskStore, diskStore, temporaryFolder } from '../helpers/disk-store.ts'
import { readyOrder } from '../helpers/distributor.ts'
import { entrySaying, firstSegment, flipBitOf } from '../helpers/journal-bodies.ts'

const ORDERS = 20

/** A store in which each order came as a commit of its own. */
async function world(): Promise<DiskStore> {
  const store = await diskStore()
  const engine = await store.open()
  for (let index = 1; index <= ORDERS; index++) await engine.submit(readyOrder(`O-${index}`))
  await engine.close()
  return store
}

/** Flips a bit within what is said of `text`. */
const damage = async ({ data }: DiskStore, text: string): Promise<void> =>
  flipBitOf(data, await entrySaying(data, text))

const quiet = { write: () => true, isTTY: false, columns: 80 } as unknown as NodeJS.WriteStream

describe('a damaged store with erasures', () => {
  test('[E12] what was erased stays so, before the gap and behind it; the rest is written out as it was said', async () => {
    const store = await diskStore()
    const engine = await store.open()
    for (let index = 1; index <= ORDERS; index++)
      await engine.submit(readyOrder(`O-${index}`, { shipTo: { name: `Name ${index}.` } }))
    for (const ref of ['O-1', 'O-20']) await engine.erase({ ref, by: 'dpo', reason: 'asked' })
    await engine.close()
    await damage(store, 'O-10')
    const target = join(await temporaryFolder(), 'repaired')
    const report = await repairStore(store.data, target)
    const later = await readFile(report.later, 'utf8')
    expect(later).toContain('"name":"Name 19."')
    expect(later).not.toContain('Name 20.')
    const repaired = await diskStore({ data: join(target, 'store') })
    const twin = await repaired.open({ adopt: true })
    await importFiles({ twin, files: [report.later], dryRun: false, out: quiet })
    const told = async (id: string) => JSON.stringify(twin.opened(await twin.family(id)))
    expect(await told('O-1')).toContain('[erased]')
    expect(twin.erasure('O-1')).toMatchObject({ by: 'dpo' })
    expect(await told('O-2')).toContain('Name 2.')
    expect(await told('O-19')).toContain('Name 19.')
    expect(await told('O-20')).toContain('[erased]')
    await twin.close()
    expect(await verifyStore(repaired.data)).toHaveProperty('report')
  })
})

describe('a damaged block in the middle', () => {
  test('[E12] what is before it is the same journal, what is after it is judged again, what is gone is listed', async () => {
    const store = await world()
    await damage(store, 'O-10')
    expect(await verifyStore(store.data)).toMatchObject({ problem: expect.stringMatching(/^damaged at position 38 /) })
    const target = join(await temporaryFolder(), 'repaired')
    const report = await repairStore(store.data, target)
    expect(report).toMatchObject({ wholeUpTo: 37, last: 81, laterEvents: 40 })
    expect(report.missing).toEqual([expect.objectContaining({ from: 38, to: 41, files: ['0000000001.segment'] })])
    expect(JSON.parse(await readFile(report.list, 'utf8'))).toEqual(report.missing)

    const repaired = await diskStore({ data: join(target, 'store') })
    const twin = await repaired.open({ adopt: true })
    const imported = await importFiles({ twin, files: [report.later], dryRun: false, out: quiet })
    expect(imported.outcomes).toEqual({ accepted: 40 })
    const { orders } = twin.orders({}, { by: 'number', descending: false }, { first: 100 })
    expect(orders).toHaveLength(ORDERS - 1)
    expect(orders).not.toContain('O-10')
    await twin.close()
    expect(await verifyStore(repaired.data)).toHaveProperty('report')
  })

  test('a damaged first block, or header: everything else is judged again', async () => {
    const store = await world()
    const file = await firstSegment(store.data)
    const bytes = await readFile(file)
    bytes[20] = (bytes[20] as number) ^ 1
    await writeFile(file, bytes)
    const target = join(await temporaryFolder(), 'repaired')
    expect(await repairStore(store.data, target)).toMatchObject({ wholeUpTo: 0, laterEvents: 4 * ORDERS, missing: [] })
  })

  test('a lost end is listed as far as the head mark knows of it', async () => {
    const store = await world()
    const body = await entrySaying(store.data, 'O-19')
    const file = await firstSegment(store.data)
    const bytes = await readFile(file)
    bytes.fill(0, bytes.indexOf(body) - 4_000)
    await writeFile(file, bytes)
    const { last, missing } = await repairStore(store.data, join(await temporaryFolder(), 'repaired'))
    expect(last).toBeLessThan(81)
    expect(missing).toEqual([expect.objectContaining({ from: last + 1, to: 81 })])
  })
})
