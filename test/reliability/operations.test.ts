// What operators do: end it, copy it while it serves, bring it back as of a moment.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { verifyStore } from '../../cli/verify-store.ts'
import { positionText } from '../../engine/answers.ts'
import { diskStore, temporaryFolder } from '../helpers/disk-store.ts'
import { captured, readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { configFile, ordertwin, serverProcess } from '../helpers/server-process.ts'
import { storeTruth } from '../helpers/store-truth.ts'
import { lineClient } from '../helpers/wire.ts'

describe('SIGTERM', () => {
  test('[E5] under load: intake ends, what was taken is answered and kept, a checkpoint is written, exit 0 within 10 s', async () => {
    const folder = await temporaryFolder()
    const server = await serverProcess(await configFile(folder, SOURCES))
    onTestFinished(() => server.kill())
    const client = lineClient(`${server.url}/v1/events`)
    client.response.catch(() => undefined)
    const send = (index: number) =>
      client.send(`${JSON.stringify({ specversion: '1.0', ...captured(`O-${index}`, '00:10') })}\n`)
    for (let index = 0; index < 300; index++) send(index)
    const first = await client.next()
    expect(first).toMatchObject({ outcome: 'accepted' })
    const startMs = performance.now()
    const ended = server.terminate()
    const answers = [first, ...(await client.all().catch(() => []))]
    client.end()
    expect(await ended).toBe(0)
    expect(performance.now() - startMs).toBeLessThan(10_000)
    expect(existsSync(join(folder, 'store', 'CHECKPOINT'))).toBe(true)
    const kept = new Set<string>()
    expect(
      await verifyStore(join(folder, 'store'), { onEntry: entry => void kept.add(entry.event.id) }),
    ).toHaveProperty('report')
    const acknowledged = answers.filter(answer => answer?.outcome === 'accepted').map(answer => String(answer?.id))
    expect(acknowledged.filter(id => !kept.has(id))).toEqual([])
  })
})

describe('point in time', () => {
  test('[J2] a backup taken while it is written to is restored as of a position, or a moment', async () => {
    const folder = await temporaryFolder()
    const store = await diskStore({ data: join(folder, 'store') })
    const engine = await store.open()
    await engine.submit([...readyOrder('O-1'), ...readyOrder('O-2')])
    const then = await storeTruth(engine)
    const position = engine.head().position
    const going = engine.submit([released('O-1', 'S-1', '01:00'), ...readyOrder('O-3')])
    const backup = join(folder, 'backup')
    const config = await configFile(folder, SOURCES)
    expect(await ordertwin(['backup', backup, '--config', config])).toMatchObject({ exitCode: 0 })
    await going
    await engine.submit(readyOrder('O-4'))
    await engine.close()

    for (const [index, wanted] of [position, String(Number.parseInt(position, 36) + 1)].entries()) {
      const data = join(folder, `restored-${index}`)
      const restored = await ordertwin(['restore', backup, '--data', data, '--position', wanted])
      expect(restored).toMatchObject({
        exitCode: 0,
        out: expect.stringContaining(`up to position ${Number.parseInt(position, 36)},`),
      })
      const copy = await (await diskStore({ data })).open({ adopt: true })
      expect(await storeTruth(copy)).toEqual(then)
      await copy.close()
    }
    const none = await ordertwin(['restore', backup, '--data', join(folder, 'none'), '--until', '2001-01-01T00:00:00Z'])
    expect(none).toMatchObject({ exitCode: 1, error: 'nothing was recorded up to then\n' })
    expect(await ordertwin(['restore', backup, '--data', join(folder, 'none'), '--position', 'soon'])).toMatchObject({
      exitCode: 2,
    })
    expect(positionText(1)).toHaveLength(11)
  })
})
