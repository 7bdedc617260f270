// The commands that look after a store, each as a process of its own: what they say, and how they end.
import { cp, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { EventInput } from '../../machines/event.ts'
import { makeOcel } from '../connectors/ocel-fixture.ts'
import { type DiskStore, diskStore, temporaryFolder } from '../helpers/disk-store.ts'
import { captured, event, readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { entrySaying, flipBitOf } from '../helpers/journal-bodies.ts'
import { configFile, ordertwin, type ServerProcess, serverProcess } from '../helpers/server-process.ts'
import { storeTruth } from '../helpers/store-truth.ts'
import { sent } from '../helpers/turned-away.ts'

/** A store with some orders in it, closed, and the configuration that names it. */
async function world(orders = 20): Promise<{ store: DiskStore; config: string; folder: string }> {
  const folder = await temporaryFolder()
  const store = await diskStore({ data: join(folder, 'store') })
  const engine = await store.open()
  await engine.submit(Array.from({ length: orders }, (_, index) => readyOrder(`O-${index + 1}`)).flat())
  await engine.close()
  return { store, config: await configFile(folder, SOURCES), folder }
}

/** A server that does not outlive its test, however that ends. */
async function served(config: string, flags: readonly string[] = []): Promise<ServerProcess> {
  const server = await serverProcess(config, flags)
  onTestFinished(() => server.kill())
  return server
}

const flagged = (config: string) => ['--config', config]

async function submit(url: string, events: readonly EventInput[]): Promise<string> {
  const lines = events.map(each => `${JSON.stringify(each)}\n`).join('')
  return (await sent(`${url}/v1/events`, 'application/x-ndjson', lines)).text()
}

describe('usage', () => {
  test.each([
    [['nonsense']],
    [[]],
    [['serve', '--config', '/no/such/file.ts']],
    [['history']],
    [['demo', '--speed', 'fast']],
    [['import']],
  ])('%j is wrong usage: exit code 2', async args => {
    expect(await ordertwin(args)).toMatchObject({ exitCode: 2 })
  })

  test('config prints what is in force; a wrong one is refused with what is wrong', async () => {
    const { config, folder } = await world(0)
    const printed = await ordertwin(['config', ...flagged(config)], { ORDERTWIN_PORT: '4711' })
    expect(JSON.parse(printed.out)).toMatchObject({ port: 4711, host: '127.0.0.1', data: join(folder, 'store') })
    const wrong = await ordertwin(['config', ...flagged(await configFile(folder, []))])
    expect(wrong).toMatchObject({ exitCode: 1, error: expect.stringContaining('sources') })
  })
})

describe('one owner of the data', () => {
  test('[E10] a second process on the same folder is refused, and says why', async () => {
    const { config } = await world(1)
    const server = await served(config)
    await expect(served(config)).rejects.toThrow(/exit code 1.*another process has this store open/s)
    expect(await ordertwin(['history', 'O-1', ...flagged(config)])).toMatchObject({
      exitCode: 1,
      out: '',
      error: expect.stringContaining('another process has this store open'),
    })
    expect(await submit(server.url, [event('erp', 'credit.held', 'order/O-1', '01:00')])).toContain('accepted')
    expect(await server.stop()).toBe(0)
  })

  test('[E10] a copied folder is refused without --adopt', async () => {
    const { folder, store } = await world(1)
    const copy = join(await temporaryFolder(), 'copy')
    await cp(store.data, copy, { recursive: true })
    const config = await configFile(folder, SOURCES, { data: copy })
    await expect(served(config)).rejects.toThrow(/exit code 1.*--adopt/s)
    const adopted = await served(config, ['--adopt'])
    expect(await adopted.stop()).toBe(0)
    const again = await served(config)
    expect(await again.stop()).toBe(0)
  })
})

describe('verify', () => {
  test('a whole store: exit code 0 and what was checked', async () => {
    const { config } = await world()
    const verified = await ordertwin(['verify', ...flagged(config)])
    expect(verified).toMatchObject({ exitCode: 0, error: '' })
    expect(verified.out).toMatch(/journal: 81 entries .* chain whole.*\nfamilies: 20,.*\nsnapshots: 20 current/)
  })

  test('a flipped byte: exit code 1 and the first bad position', async () => {
    const { config, store } = await world()
    await flipBitOf(store.data, await entrySaying(store.data, 'ERP-O-1'))
    const verified = await ordertwin(['verify', ...flagged(config)])
    expect(verified).toMatchObject({ exitCode: 1, out: '' })
    expect(verified.error).toMatch(/^damaged at position \d+ \(.*\.segment\): /)
    await expect(served(config)).rejects.toThrow(/exit code 1/)
  })

  test('no store: exit code 1', async () => {
    const nowhere = join(await temporaryFolder(), 'nowhere')
    const verified = await ordertwin(['verify', '--data', nowhere])
    expect(verified).toMatchObject({ exitCode: 1, error: `there is no store in ${nowhere}\n` })
  })

  test('beside a running server it checks what was acknowledged', async () => {
    const { config } = await world(1)
    const server = await served(config)
    expect(await submit(server.url, [captured('O-9', '00:10')])).toContain('accepted')
    const verified = await ordertwin(['verify', ...flagged(config)])
    expect(verified).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/chain whole.*not checked, the store is in use/s),
    })
    await server.stop()
  })
})

describe('backup and restore', () => {
  test('taken while events come in, restored and adopted, it tells what was acknowledged before', async () => {
    const { config, folder, store } = await world()
    const server = await served(config)
    await submit(server.url, [released('O-1', 'S-1', '01:00')])
    const goingOn = submit(
      server.url,
      Array.from({ length: 500 }, (_, index) => captured(`N-${index}`, '02:00')),
    )
    const backup = join(folder, 'backup')
    const taken = await ordertwin(['backup', backup, ...flagged(config)])
    expect(taken).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^backup of store \w+ up to position \d+, head \w{64}/),
    })
    await goingOn
    await server.stop()

    const elsewhere = await temporaryFolder()
    const restored = await diskStore({ data: join(elsewhere, 'store') })
    const target = await configFile(elsewhere, SOURCES)
    expect(await ordertwin(['restore', backup, ...flagged(target)])).toMatchObject({ exitCode: 0 })
    const second = await served(target, ['--adopt'])
    await second.stop()

    const original = await store.open()
    const copy = await restored.open()
    const truth = await storeTruth(original)
    const copied = await storeTruth(copy)
    const common = Object.keys(copied.families)
    expect(common.length).toBeGreaterThanOrEqual(20)
    for (const id of common) expect(copied.families[id]).toBe(truth.families[id])
    expect(copied.references['S-1']).toEqual(['O-1: shipment/EAST/S-1'])
    await original.close()
    await copy.close()
  })

  test('restore overwrites nothing, and makes nothing of what is no backup', async () => {
    const { config, folder } = await world(1)
    const backup = join(folder, 'backup')
    await ordertwin(['backup', backup, ...flagged(config)])
    const onto = await ordertwin(['restore', backup, ...flagged(config)])
    expect(onto).toMatchObject({ exitCode: 1, error: expect.stringContaining('is not empty') })
    expect(await ordertwin(['backup', backup, ...flagged(config)])).toMatchObject({
      exitCode: 1,
      error: `${backup} is not empty\n`,
    })
    const empty = await temporaryFolder()
    const target = join(empty, 'restored')
    const nothing = await ordertwin(['restore', empty, '--data', target])
    expect(nothing).toMatchObject({ exitCode: 1, error: `${empty}: there is no backup\n` })
    await expect(stat(target)).rejects.toThrow('ENOENT')
  })

  test('a damaged backup is not restored', async () => {
    const { config, folder, store } = await world(1)
    const backup = join(folder, 'backup')
    const body = await entrySaying(store.data, 'ERP-O-1')
    await ordertwin(['backup', backup, ...flagged(config)])
    await flipBitOf(backup, body)
    const target = join(await temporaryFolder(), 'restored')
    const refused = await ordertwin(['restore', backup, '--data', target])
    expect(refused).toMatchObject({ exitCode: 1, error: expect.stringMatching(/damaged at position \d+/) })
    await expect(stat(target)).rejects.toThrow('ENOENT')
  })
})

describe('history', () => {
  test('[E7] tells everything that was said of an order, by any of its numbers, refusals with their reasons', async () => {
    const { config, store } = await world(1)
    const engine = await store.open()
    await engine.submit([
      event('wms', 'credit.held', 'order/O-1', '01:00'),
      event('erp', 'invoice.posted', 'order/O-1', '02:00', {
        invoice: 'I-1',
        amountMinor: 1,
        lines: [{ line: '1', quantity: 1 }],
      }),
    ])
    await engine.close()
    const told = await ordertwin(['history', 'ERP-O-1', '--json', ...flagged(config)])
    const entries = told.out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(entries.map(({ event: { type }, verdict }) => [type, verdict])).toEqual([
      ['order.captured', 'accepted'],
      ['order.validated', 'accepted'],
      ['credit.approved', 'accepted'],
      ['order.accepted', 'accepted'],
      ['credit.held', 'not_owner'],
      ['invoice.posted', 'parked'],
    ])
    expect(entries[5].detail).toMatchObject({ waitsFor: { event: 'shipment.confirmed', owner: 'node' } })
    const read = await ordertwin(['history', 'O-1', ...flagged(config)])
    expect(read.out.trimEnd().split('\n')).toHaveLength(6)
    expect(read.out).toMatch(/not_owner .*credit\.held .*wms .*erp/)
    const forced = await store.open()
    await forced.submit(
      [event('ann', 'order.rejected', 'order/O-1', '00:35', { reason: 'no' })],
      undefined,
      'by telephone',
    )
    const about = [{ family: 'O-1', exception: 'late_release|order|' }]
    await forced.submit([event('ann', 'exception.noted', 'order/O-1', '04:00', { about, text: 'asked the ERP' })])
    await forced.close()
    const marked = (await ordertwin(['history', 'O-1', ...flagged(config)])).out
    expect(marked).toMatch(/order\.rejected .*ann .*\(forced: by telephone\)/)
    expect(marked).toMatch(/exception\.noted .*ann .*asked the ERP/)
    expect(await ordertwin(['history', 'X-1', ...flagged(config)])).toMatchObject({
      exitCode: 1,
      error: 'nothing here has the number X-1\n',
    })
  })
})

describe('import', () => {
  test('into a store: a dry run writes nothing, the import does, and again it is all there', async () => {
    const { config, folder } = await world(0)
    const file = join(folder, 'events.ndjson')
    const events = [...readyOrder('O-1'), released('O-1', 'S-1', '01:00')]
    await writeFile(file, events.map(each => `${JSON.stringify(each)}\n`).join(''))
    const dry = await ordertwin(['import', file, '--dry-run', ...flagged(config)])
    expect(dry).toMatchObject({ exitCode: 0, out: expect.stringMatching(/nothing written\.\n +5 +accepted/) })
    const wet = await ordertwin(['import', file, ...flagged(config)])
    expect(wet).toMatchObject({ exitCode: 0, out: expect.stringMatching(/Imported\.\n +5 +accepted/) })
    const again = await ordertwin(['import', file, ...flagged(config)])
    expect(again).toMatchObject({ exitCode: 0, out: expect.stringMatching(/Imported\.\n +5 +duplicate/) })
  })

  test('an order-management log, under its own sources', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'log.json')
    await writeFile(file, JSON.stringify(makeOcel()))
    const environment = { ORDERTWIN_DATA: join(folder, 'store') }
    const imported = await ordertwin(['import', file, '--ocel'], environment)
    expect(imported).toMatchObject({ exitCode: 0, out: expect.stringMatching(/Imported\.\n +14 +accepted/) })
    expect(await ordertwin(['verify'], environment)).toMatchObject({ exitCode: 0 })
  })
})
