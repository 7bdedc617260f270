// Evidence and export: an order's history for those who do not take our word for it, and for tools that know nothing of us.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../cli/evidence.ts'
import type { OcelExport } from '../../cli/ocel-export.ts'
import { parseOcel } from '../../connectors/ocel/ocel-log.ts'
import { diskStore, temporaryFolder } from '../helpers/disk-store.ts'
import { event, readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { configFile, ordertwin } from '../helpers/server-process.ts'

const VERIFIER = fileURLToPath(new URL('../../docs/evidence/verify.mjs', import.meta.url))
const run = promisify(execFile)
const verify = (...args: string[]) =>
  run(process.execPath, [VERIFIER, ...args]).then(
    ({ stdout }) => ({ exitCode: 0, said: stdout }),
    (error: { code: number; stderr: string }) => ({ exitCode: error.code, said: error.stderr }),
  )

async function world(): Promise<{ config: string; folder: string }> {
  const folder = await temporaryFolder()
  const store = await diskStore({ data: join(folder, 'store') })
  const engine = await store.open()
  const claims = [event('wms', 'credit.held', 'order/O-1', '01:10'), event('wms', 'pick.started', 'ref/S-1', '01:20')]
  await engine.submit([...readyOrder('O-1'), ...readyOrder('O-2'), released('O-1', 'S-1', '01:00'), ...claims])
  await engine.close()
  return { config: await configFile(folder, SOURCES), folder }
}

describe('evidence', () => {
  test('[E12] a package is checked without our code; whatever is changed in it shows', async () => {
    const { config, folder } = await world()
    const file = join(folder, 'evidence.json')
    expect(await ordertwin(['evidence', 'ERP-O-1', '--out', file, '--config', config])).toMatchObject({ exitCode: 0 })
    expect(await verify(file)).toMatchObject({ exitCode: 0, said: expect.stringContaining('order O-1, 7 records') })

    const whole = JSON.parse(await readFile(file, 'utf8')) as Evidence
    const [first, second, ...rest] = whole.records
    const forgeries: readonly object[] = [
      { ...whole, order: 'O-2' },
      { ...whole, journal: { ...whole.journal, head: '00000000001' } },
      { ...whole, records: [second, first, ...rest] },
      { ...whole, records: whole.records.slice(1) },
      { ...whole, records: whole.records.slice(0, -1) },
      { ...whole, records: [{ ...first, record: { ...first?.record, verdict: 'not_owner' } }, second, ...rest] },
      { ...whole, signature: Buffer.alloc(64).toString('base64') },
    ]
    for (const [index, forgery] of forgeries.entries()) {
      const forged = join(folder, `forged-${index}.json`)
      await writeFile(forged, JSON.stringify(forgery))
      expect(await verify(forged), `forgery ${index}`).toMatchObject({
        exitCode: 1,
        said: expect.stringContaining('NOT WHOLE'),
      })
    }
  })

  test('signed by another key it is whole in itself, and not ours', async () => {
    const { config, folder } = await world()
    const [ours, theirs] = [join(folder, 'ours.json'), join(folder, 'theirs.json')]
    await ordertwin(['evidence', 'O-1', '--out', ours, '--config', config])
    await ordertwin(['evidence', 'O-1', '--out', theirs, '--key', join(folder, 'other.pem'), '--config', config])
    const key = join(folder, 'public.pem')
    await writeFile(key, (JSON.parse(await readFile(ours, 'utf8')) as Evidence).publicKey)
    expect(await verify(ours, key)).toMatchObject({ exitCode: 0 })
    expect(await verify(theirs)).toMatchObject({ exitCode: 0 })
    expect(await verify(theirs, key)).toMatchObject({ exitCode: 1 })
  })

  test('the verifier is short enough to be read', async () => {
    expect((await readFile(VERIFIER, 'utf8')).split('\n').length).toBeLessThanOrEqual(50)
  })
})

describe('export', () => {
  test('any range is OCEL 2.0: what we read ourselves, each object and type declared, each event once', async () => {
    const { config, folder } = await world()
    const file = join(folder, 'log.json')
    expect(await ordertwin(['export', file, '--config', config])).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^11 events/),
    })
    const log = JSON.parse(await readFile(file, 'utf8')) as OcelExport
    expect(parseOcel(log)).toHaveProperty('log')
    const objects = new Set(log.objects.map(each => each.id))
    const relations = [...log.events, ...log.objects].flatMap(each => each.relationships)
    expect(relations.filter(each => !objects.has(each.objectId))).toEqual([])
    expect(log.events.every(each => log.eventTypes.some(type => type.name === each.type))).toBe(true)
    expect(new Set(log.events.map(each => each.id)).size).toBe(log.events.length)
    expect(log.events.map(each => each.type)).toContain('credit.held (not_owner)')

    await ordertwin(['export', file, '--after', '2', '--upto', '5', '--config', config])
    expect((JSON.parse(await readFile(file, 'utf8')) as OcelExport).events).toHaveLength(3)
  })
})
