// Canaries: a text nobody else has in every personal field of every event, over HTTP, through a kill, a restart and a backup.
// Then every byte that was written or told is looked through.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isTransient } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { eventTypeNames, personalFieldsOf } from '../../machines/event-types.ts'
import { withPersonal } from '../../machines/events/personal.ts'
import { temporaryFolder } from '../helpers/disk-store.ts'
import { event, readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { fullData } from '../helpers/full-data.ts'
import { bodiesOf } from '../helpers/journal-bodies.ts'
import { configFile, ordertwin, serverProcess } from '../helpers/server-process.ts'
import { sent } from '../helpers/turned-away.ts'

const CANARY = 'canary'

/** One event of each type about an order of its own, and one under a number nobody knows; and which of their texts are personal. */
function planted(): { readonly events: readonly EventInput[]; readonly personal: readonly string[] } {
  let count = 0
  const personal: string[] = []
  const events = eventTypeNames.flatMap(type =>
    [`order/O-${type}`, `ref/N-${type}`].map(subject => {
      const data = {
        ...(fullData(type, () => `${CANARY}-${++count}-`) as object),
        ...correctionOf(type, () => ++count),
      }
      const fields = personalFieldsOf(type)
      if (fields !== undefined) withPersonal(data, fields, value => void personal.push(String(value)))
      return event('erp', type, subject, '05:00', data, type === 'delivery.completed' ? { dataschema: 2 } : {})
    }),
  )
  return { events, personal }
}

const correctionOf = (type: string, next: () => number): object =>
  type === 'correction.reported'
    ? { data: { shipTo: { name: `${CANARY}-${next()}-`, fax: `${CANARY}-${next()}-` } } }
    : {}

async function bytesUnder(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return Buffer.concat(await Promise.all(files.map(file => readFile(file))))
}

test('[E12] nothing personal stands in clear in store, backup, answers, metrics or errors; who may read it reads it', async () => {
  const folder = await temporaryFolder()
  const config = await configFile(folder, SOURCES)
  const { events, personal } = planted()
  expect(personal.length).toBeGreaterThan(100)
  // Kept by an order that goes on, so that contexts and snapshots hold some too.
  const shipTo = {
    name: `${CANARY}-name-`,
    street: `${CANARY}-street-`,
    phone: `${CANARY}-phone-`,
    email: `${CANARY}-mail-`,
  }
  const story = [
    ...readyOrder('O-1', { shipTo }),
    released('O-1', 'S-1', '01:00', 10, { shipTo }),
    event('wms', 'pick.short', 'shipment/S-1', '02:00', {
      reason: `${CANARY}-why-`,
      lines: [{ line: '1', quantity: 1 }],
    }),
  ]
  const hidden = [...personal, ...Object.values(shipTo), `${CANARY}-why-`]
  const first = await serverProcess(config)
  onTestFinished(() => first.kill())
  const told: string[] = []
  const lines = [...events, ...story].map(each => `${JSON.stringify(each)}\n`).join('')
  const outcomes = await (await sent(`${first.url}/v1/events`, 'application/x-ndjson', lines)).text()
  const answers = outcomes
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(answers.filter(({ outcome }) => outcome === 'malformed' || isTransient(outcome))).toEqual([])
  expect(answers).toHaveLength(events.length + story.length)
  told.push(outcomes)
  // What is refused is told without what it said.
  const bad = {
    ...event('erp', 'order.captured', 'order/O-2', '05:00', { shipTo: { ...shipTo, zip: 1 }, lines: [] }),
    time: CANARY,
  }
  told.push(await (await sent(`${first.url}/v1/events`, 'application/cloudevents+json', JSON.stringify(bad))).text())
  await first.kill()

  const second = await serverProcess(config)
  onTestFinished(() => second.kill())
  const query = { query: '{ order(ref: "O-1") { shipTo { name street phone email } } }' }
  const answer = await (await sent(`${second.url}/graphql`, 'application/json', JSON.stringify(query))).json()
  expect(answer).toEqual({ data: { order: { shipTo } } })
  told.push(await (await fetch(`${second.url}/metrics`)).text())
  const backup = join(folder, 'backup')
  expect(await ordertwin(['backup', backup, '--config', config])).toMatchObject({ exitCode: 0 })
  await second.stop()

  // Entries of the backup are the store's.
  const entries = (await bodiesOf(join(folder, 'store'))).map(({ plain }) => plain)
  const bytes = Buffer.concat([await bytesUnder(folder), ...entries])
  expect(bytes.includes('O-order.captured')).toBe(true)
  const found = hidden.filter(text => bytes.includes(text) || told.some(each => each.includes(text)))
  expect(found).toEqual([])
  // The other texts are there: they are looked for where they stand.
  expect(bytes.includes(CANARY)).toBe(true)
  const { out } = await ordertwin(['history', 'O-1', '--json', '--config', config])
  expect(out).toContain(`${CANARY}-why-`)
}, 60_000)
