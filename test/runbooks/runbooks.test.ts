// Every runbook, executed: the trouble is made, the page is followed word by word, and all must be well at its end.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { verifyStore } from '../../cli/verify-store.ts'
import type { EventInput } from '../../machines/event.ts'
import { ask } from '../graphql/graph-clients.ts'
import { type DiskStore, diskStore, temporaryFolder } from '../helpers/disk-store.ts'
import { event, readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { entrySaying, firstSegment } from '../helpers/journal-bodies.ts'
import { closedLife } from '../helpers/retiring-store.ts'
import { sendEventUntilRead } from '../helpers/send-event.ts'
import { configFile, ordertwin } from '../helpers/server-process.ts'
import { type StoreTruth, storeTruth } from '../helpers/store-truth.ts'
import { sent } from '../helpers/turned-away.ts'
import { memoryDisk, whyNoMounts } from '../reliability/real-disk.ts'
import { commandsOf, Operator } from './runbook.ts'

const ORDERS = 12

interface World {
  readonly folder: string
  readonly store: DiskStore
  readonly config: string
  readonly truth: StoreTruth
  /** Position after the first order. */
  readonly position: string
  readonly variables: Record<string, string>
  /** What was said of each order. */
  readonly said: readonly (readonly EventInput[])[]
}

async function world(folder?: string): Promise<World> {
  const home = folder ?? (await temporaryFolder())
  const store = await diskStore({ data: join(home, 'store') })
  const engine = await store.open()
  const said = [readyOrder('O-1')]
  await engine.submit(said[0] as readonly EventInput[])
  const { position } = engine.head()
  for (let order = 2; order <= ORDERS; order++) {
    said.push(readyOrder(`O-${order}`))
    await engine.submit(said[order - 1] as readonly EventInput[])
  }
  await engine.submit([released('O-1', 'S-1', '01:00')])
  const truth = await storeTruth(engine)
  await engine.close()
  const config = await configFile(home, SOURCES)
  const fresh = await temporaryFolder()
  const variables = {
    STORE: store.data,
    CONFIG: config,
    BACKUP: join(fresh, 'backup'),
    NEW_STORE: join(fresh, 'store'),
    NEW_CONFIG: await configFile(fresh, SOURCES),
    POSITION: position,
  }
  return { folder: home, store, config, truth, position, variables, said }
}

const lines = (events: readonly EventInput[]): string =>
  events.map(each => `${JSON.stringify({ specversion: '1.0', ...each })}\n`).join('')

async function orderOver(url: string, ref: string): Promise<unknown> {
  const query = `{ order(ref: "${ref}") { shipTo { name city } erasure { by reason } } }`
  return (await sent(`${url}/graphql`, 'application/json', JSON.stringify({ query }))).json()
}

async function truthOf(data: string, adopt = false): Promise<StoreTruth> {
  const engine = await (await diskStore({ data })).open({ adopt })
  const truth = await storeTruth(engine)
  await engine.close()
  return truth
}

test('every runbook is executed here', () => {
  const pages = readdirSync(new URL('../../docs/runbooks', import.meta.url)).filter(name => name.endsWith('.md'))
  const code = readFileSync(new URL(import.meta.url), 'utf8')
  expect(pages.filter(page => !code.includes(`follow('${page}'`))).toEqual([])
  expect(pages.filter(page => commandsOf(page).length < 2)).toEqual([])
})

describe('runbooks', () => {
  test('[E6] [E9] replay: a spoilt LevelDB and checkpoint are made again', async () => {
    const { store, truth, variables } = await world()
    for (const name of readdirSync(join(store.data, 'families')))
      appendFileSync(join(store.data, 'families', name), 'spoilt')
    const operator = new Operator(variables)
    await operator.follow('replay.md')
    // Families are rebuilt when somebody reads them: how many were until the server stopped is not promised, that none is wrong is.
    const [, current, missing] =
      /chain whole[\s\S]*snapshots: (\d+) current and equal to their entries, (\d+) older/.exec(
        operator.said('verify'),
      ) ?? ['']
    expect(Number(current) + Number(missing)).toBe(12)
    expect(await truthOf(store.data)).toEqual(truth)
  })

  test('[E10] failover by hand: nothing is lost, what is sent again is a duplicate', async () => {
    const { config, folder, truth, variables } = await world()
    const resent = join(folder, 'resent.ndjson')
    const more = readyOrder('O-99')
    const operator = new Operator({ ...variables, RESENT: resent })
    await operator.serving(config)
    await sendEventUntilRead(operator.url, { specversion: '1.0', ...more[0] })
    writeFileSync(resent, lines(more))
    await operator.follow('failover.md', async (_command, index) => {
      // The machine is gone.
      if (index === 0) await operator.die()
    })
    expect(operator.said('import')).toMatch(/3 +accepted[\s\S]*1 +duplicate|1 +duplicate[\s\S]*3 +accepted/)
    await operator.stop()
    const families = (await truthOf(variables.NEW_STORE as string)).families
    for (const id of Object.keys(truth.families)) expect(families[id]).toBe(truth.families[id])
  })

  test('[J2] restore: to a position', async () => {
    const { config, position, variables } = await world()
    const operator = new Operator(variables)
    await operator.serving(config)
    await operator.follow('restore.md', async (_command, index) => {
      if (index === 1) await operator.stop()
    })
    expect(operator.said('restore')).toContain(`up to position ${Number.parseInt(position, 36)},`)
    expect(Object.keys((await truthOf(variables.NEW_STORE as string)).families)).toEqual(['O-1'])
  })

  test('[Z1] [Z3] retention: what ended leaves, and is still known', async () => {
    const { store, truth, variables } = await world()
    const engine = await store.open()
    await engine.submit(closedLife(77))
    await engine.close()
    const operator = new Operator({ ...variables, ORDER: 'PO-77', DAYS: '0' })
    await operator.follow('retention.md')
    expect(operator.said('--dry-run')).toMatch(/O-77 {2}10 entries\n1 orders with 10 entries would be retired/)
    expect(operator.said('verify')).toMatch(/chain whole[\s\S]*written anew: 1 segments/)
    expect(operator.said('history')).toContain('order.retired')
    const families = (await truthOf(store.data)).families
    for (const id of Object.keys(truth.families)) expect(families[id]).toBe(truth.families[id])
  })

  test('[E12] erasure: nobody is told any more, neither by the store nor by a backup from before', async () => {
    const { config, store, variables } = await world()
    const who = 'Ann Miller'
    const operator = new Operator({ ...variables, ORDER: 'O-77' })
    await operator.serving(config)
    for (const each of readyOrder('O-77', { shipTo: { name: who, city: 'Ulm' } }))
      await sendEventUntilRead(operator.url, { specversion: '1.0', ...each })
    const kept = async () => JSON.stringify(await orderOver(operator.url, 'O-77'))
    expect(await kept()).toContain(who)
    await operator.follow('erasure.md', async (_command, index) => {
      // The nightly backup, before anybody asked.
      if (index === 0)
        expect(await ordertwin(['backup', variables.BACKUP as string, '--config', config])).toMatchObject({
          exitCode: 0,
        })
      if (index === 1) {
        expect(await kept()).toMatch(/\[erased\].*Ulm/)
        await operator.stop()
      }
    })
    expect(operator.said('erasures')).toContain('1 erasures in')
    expect(operator.said('restore')).toContain('1 erasures are done again')
    expect(operator.said('verify')).toMatch(/chain whole[\s\S]*keys: 0 there, 1 destroyed/)
    expect(operator.said('history')).toMatch(
      /order.captured[\s\S]*personal values were erased .* by data protection: request 17/,
    )
    for (const data of [store.data, variables.NEW_STORE as string]) {
      const engine = await (await diskStore({ data })).open()
      expect(JSON.stringify(engine.opened(await engine.family('O-77')))).not.toContain(who)
      await engine.close()
    }
  })

  test('[E12] poisoned family: the damage is named, the rest is saved, the gap is closed by its source', async () => {
    const { config, folder, said, store, truth, variables } = await world()
    const repaired = join(await temporaryFolder(), 'repaired')
    const resent = join(folder, 'resent.ndjson')
    const again = readyOrder('O-5')
    writeFileSync(resent, lines(again))
    const operator = new Operator({
      ...variables,
      REPAIRED: repaired,
      RESENT: resent,
      REPAIRED_CONFIG: await configFile(await temporaryFolder(), SOURCES, { data: join(repaired, 'store') }),
    })
    const body = await entrySaying(store.data, 'ERP-O-5')
    await operator.serving(config)
    damage(await firstSegment(store.data), body)
    // Sent again, it has the twin read what it holds of it.
    const { outcome } = await sendEventUntilRead(operator.url, { specversion: '1.0', ...said[4]?.[3] })
    expect(outcome).toMatchObject({ outcome: 'overloaded', code: 'family_quarantined' })
    const elsewhere = await sendEventUntilRead(operator.url, {
      specversion: '1.0',
      ...event('erp', 'credit.held', 'order/O-6', '02:00'),
    })
    expect(elsewhere).toMatchObject({ status: 200 })
    await operator.follow('poisoned-family.md')
    expect(operator.said('verify')).toMatch(/go on with repair[\s\S]*damaged at position \d+[\s\S]*chain whole/)
    expect(JSON.parse(readFileSync(join(repaired, 'missing.json'), 'utf8'))).toHaveLength(1)
    const end = await truthOf(join(repaired, 'store'))
    expect(Object.keys(end.families).sort()).toEqual(Object.keys(truth.families).sort())
  })

  test('[A1] manual intervention: each step is done, and stands in history', async () => {
    const { config, variables } = await world()
    const named: Record<string, string> = { ...variables }
    const operator = new Operator(named)
    await operator.serving(config)
    for (const each of [
      event('wms', 'order.accepted', 'order/O-1', '02:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:30', { carrier: 'UPS' }),
      event('ups', 'shipment.damaged', 'shipment/S-1', '02:40', { lines: [{ line: '1', quantity: 2 }] }),
      event('ups', 'shipment.in_transit', 'ref/tracking/T-77', '03:00'),
    ])
      await sendEventUntilRead(operator.url, { specversion: '1.0', ...each })
    const shown = `{ refused: exceptions(where: { kind: [refused_event] }) { nodes { id } }
      damaged: exceptions(where: { kind: [damaged] }) { nodes { id } } shipment(ref: "S-1") { id } }`
    const { data } = await ask(operator.url, shown)
    named.EXCEPTION = data.refused.nodes[0].id
    named.DAMAGE = data.damaged.nodes[0].id
    named.SHIPMENT = data.shipment.id
    await operator.follow('manual-intervention.md', async command => {
      if (!command.includes('assignExceptions')) return
      named.TOKEN = JSON.parse(operator.said('exceptionSelection')).data.exceptionSelection.token
    })
    const bad = operator.steps.filter(({ out }) => 'errors' in JSON.parse(out))
    expect(bad).toEqual([])
    expect(operator.said('discardException')).toContain('"state":"closed"')
    expect(operator.said('linkPreview')).toContain('"count":1')
    expect(operator.said('linkReference')).toContain('"outcome":"accepted"')
    expect(operator.said('clearDamage')).toContain('"event":"shipment.damage_cleared"')
    expect(operator.said('forcePreview')).toMatch(/"outcome":"(accepted|superseded)"/)
    expect(operator.said('forceTransition')).toMatch(/"outcome":"(accepted|superseded)"/)
    expect(operator.said('isOverride')).toContain('"overrideReason":"the node is offline, told by telephone"')
    await operator.stop()
    expect(await verifyStore(variables.STORE as string)).toMatchObject({
      report: expect.stringContaining('chain whole'),
    })
  })

  test('partner outage: what waited is tried again when the partner is heard', async () => {
    const { config, folder, variables } = await world()
    const missed = join(folder, 'missed.ndjson')
    const operator = new Operator({ ...variables, MISSED: missed })
    await operator.serving(config)
    const invoice = event('erp', 'invoice.posted', 'order/O-1', '05:00', {
      invoice: 'I-1',
      amountMinor: 100,
      lines: [{ line: '1', quantity: 10 }],
    })
    expect((await sendEventUntilRead(operator.url, { specversion: '1.0', ...invoice })).outcome.outcome).toBe('parked')
    writeFileSync(missed, lines([event('wms', 'shipment.confirmed', 'shipment/S-1', '03:00', {})]))
    await operator.follow('partner-outage.md')
    const counts = [...operator.said('hasParked').matchAll(/"totalCount":(\d+)/g)].map(each => Number(each[1]))
    expect(counts, operator.said('hasParked')).toEqual([1, 0])
    expect(operator.said('import')).toMatch(/1 +accepted[\s\S]*1 +duplicate/)
    await operator.stop()
  })
})

const noMounts = whyNoMounts(temporaryProbe())
if (noMounts !== undefined) console.log(`the full disk's runbook is skipped: ${noMounts}`)

test.skipIf(noMounts !== undefined)('[E8] disk full: refused by name, and all there when there is room', async () => {
  const disk = memoryDisk(join(await temporaryFolder(), 'small'), 150)
  onTestFinished(() => disk.unmount())
  const { truth, variables } = await world(disk.folder)
  mkdirSync(join(disk.folder, 'old-backup'))
  try {
    for (;;) appendFileSync(join(disk.folder, 'old-backup', 'filler'), Buffer.alloc(1024 * 1024, 1))
  } catch {
    // Full.
  }
  const operator = new Operator({ ...variables, DISK: disk.folder })
  await operator.follow('disk-full.md')
  expect(operator.said('serve')).toMatch(/no room on the disk[\s\S]*http/)
  expect(await truthOf(join(disk.folder, 'store'))).toEqual(truth)
})

function temporaryProbe(): string {
  const probe = mkdtempSync(join(tmpdir(), 'ordertwin-probe-'))
  process.once('exit', () => rmSync(probe, { recursive: true, force: true }))
  return probe
}

/** Overwrites a byte of `body` in place. */
function damage(file: string, body: Buffer): void {
  const at = readFileSync(file).indexOf(body)
  expect(at).toBeGreaterThan(0)
  // In place: the server goes on reading the same file.
  execFileSync('dd', [`of=${file}`, 'bs=1', `seek=${at}`, 'conv=notrunc'], {
    input: 'X',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
}
