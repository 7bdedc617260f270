import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { importFiles } from '../../cli/import.ts'
import type { Outcome } from '../../engine/outcome.ts'
import { type FakeEventsApi, openFakeEventsApi } from '../connectors/fake-events-api.ts'
import { makeOcel } from '../connectors/ocel-fixture.ts'

let folder: string
let api: FakeEventsApi | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'))
})
afterEach(async () => {
  await api?.close()
  api = undefined
  await rm(folder, { recursive: true })
})

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

function makeOut() {
  const chunks: string[] = []
  const out = new Writable({
    write(chunk, _, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { out, text: () => chunks.join('').replaceAll(`${folder}/`, '') }
}

type Judge = (inputs: readonly unknown[]) => Promise<readonly Outcome[]>
const idOf = (input: unknown) => (input as { id: string }).id
const accepts: Judge = async inputs => inputs.map(input => ({ id: idOf(input), outcome: 'accepted' }))
const never: Judge = async () => {
  throw new Error('must not be asked')
}

describe('importing', () => {
  test('an order-management log submits what its systems would have said', async () => {
    const ids: string[] = []
    const submit: Judge = inputs => {
      ids.push(...inputs.map(idOf))
      return accepts(inputs)
    }
    const { out, text } = makeOut()
    const files = [await file('log.json', JSON.stringify(makeOcel()))]
    const report = await importFiles({ files, twin: { submit, preview: never }, dryRun: false, out })
    expect(report).toEqual({ outcomes: { accepted: 14 }, unreadable: 0, refused: 0, exitCode: 0 })
    expect(ids[0]).toBe('place order o-1 09:00:00:order.captured')
    expect(text()).toBe('log.json 100 %  14 events\nImported.\n         14  accepted              applied\n')
  })

  test('says where something was refused or could not be read, and exits 1', async () => {
    const submit: Judge = async inputs =>
      inputs.map(input =>
        idOf(input) === '2'
          ? { id: '2', outcome: 'malformed', flaws: [{ path: 'time', message: 'is required' }] }
          : { id: idOf(input), outcome: 'parked' },
      )
    const { out, text } = makeOut()
    const files = [await file('events.ndjson', '{"id":"1"}\nnonsense\n{"id":"2"}\n'), await file('orders.csv', 'a,b')]
    const report = await importFiles({ files, twin: { submit, preview: never }, dryRun: false, out })
    expect(report).toEqual({ outcomes: { parked: 1, malformed: 1 }, unreadable: 2, refused: 1, exitCode: 1 })
    expect(text()).toContain('events.ndjson:3 2 malformed: time is required\n')
    expect(text()).toContain('events.ndjson:2 is no JSON')
    expect(text()).toContain('orders.csv is of no known kind')
  })

  test('an OCEL file about something else names what it lacks', async () => {
    const { out, text } = makeOut()
    const files = [await file('hiring.json', JSON.stringify({ ...makeOcel(), eventTypes: [] }))]
    const report = await importFiles({ files, twin: { submit: never, preview: never }, dryRun: false, out })
    expect(report.exitCode).toBe(1)
    expect(text()).toContain(
      "hiring.json: eventTypes not an order-management log: lacks 'place order', 'confirm order'",
    )
  })

  test('as a dry run asks for a preview and submits nothing', async () => {
    const { out, text } = makeOut()
    const files = [await file('events.jsonl', '{"id":"1"}\n')]
    const report = await importFiles({ files, twin: { submit: never, preview: accepts }, dryRun: true, out })
    expect(report.exitCode).toBe(0)
    expect(text()).toContain('Dry run: judged, nothing written.')
  })

  test('over HTTP posts to the events or to the preview', async () => {
    api = await openFakeEventsApi()
    const files = [await file('events.ndjson', '{"id":"1","source":"erp"}\n')]
    for (const dryRun of [true, false]) {
      const report = await importFiles({ files, url: api.url, dryRun, out: makeOut().out })
      expect(report.exitCode).toBe(0)
    }
    expect(api.requests.map(each => each.path)).toEqual(['/v1/preview', '/v1/events'])
  })
})
