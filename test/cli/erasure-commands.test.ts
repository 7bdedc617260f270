// Erasing on the command line, and what a store without its keys says.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keysFolder } from '../../cli/store.ts'
import { diskStore, temporaryFolder } from '../helpers/disk-store.ts'
import { readyOrder, SOURCES } from '../helpers/distributor.ts'
import { configFile, ordertwin } from '../helpers/server-process.ts'

async function world() {
  const folder = await temporaryFolder()
  const store = await diskStore({ data: join(folder, 'store') })
  const engine = await store.open()
  await engine.submit([
    ...readyOrder('O-1', { shipTo: { name: 'Ann Miller' } }),
    ...readyOrder('O-2', { shipTo: { name: 'Bob' } }),
  ])
  await engine.close()
  return { config: await configFile(folder, SOURCES), folder, store }
}

test('[E12] erase, then verify, history and evidence work and tell nobody', async () => {
  const { config, folder, store } = await world()
  const run = (...args: readonly string[]) => ordertwin([...args, '--config', config])
  expect(await run('erase', 'nobody', '--reason', 'x')).toMatchObject({
    exitCode: 1,
    error: expect.stringContaining('nobody'),
  })
  expect(await run('erase', 'ERP-O-1', '--reason', 'request 17')).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('O-1: personal'),
  })
  expect((await run('verify')).out).toMatch(/chain whole[\s\S]*keys: 1 there, 1 destroyed/)
  const history = await run('history', 'O-1', '--json')
  expect(history).toMatchObject({ exitCode: 0, out: expect.stringContaining('[erased]') })
  const file = join(folder, 'evidence.json')
  await run('evidence', 'O-1', '--out', file)
  for (const text of [history.out, await readFile(file, 'utf8')]) expect(text).not.toContain('Ann ')
  expect((await run('history', 'O-2', '--json')).out).toContain('Bob')
  expect(store.troubles).toEqual([])
}, 60_000)

test('[Y3] without its keys a store is refused by name, and served when that is meant', async () => {
  const { store } = await world()
  await rm(keysFolder(store.data), { recursive: true })
  await expect(store.open()).rejects.toMatchObject({ code: 'keys_lost', message: expect.stringContaining('2 keys') })
  const engine = await store.open({ lostKeys: true })
  const said = () => engine.family('O-1').then(family => JSON.stringify(engine.opened(family)))
  expect(await said()).toContain('[unreadable]')
  const [outcome] = await engine.submit(readyOrder('O-3', { shipTo: { name: 'Cid' } }))
  expect(outcome?.outcome).toBe('accepted')
  expect(JSON.stringify(engine.opened(await engine.family('O-3')))).toContain('Cid')
  await engine.close()
})
