// Forged histories against a head kept elsewhere, the short form of `npm run tamper-test`; and the command that an operator has.
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../helpers/disk-store.ts'
import { readyOrder, SOURCES } from '../helpers/distributor.ts'
import { configFile, ordertwin, serverProcess } from '../helpers/server-process.ts'
import { sent } from '../helpers/turned-away.ts'
import { tamper } from './tamper.ts'

const SEED = 20_261_128

test('[J5] 100 histories edited, deleted from, reordered, cut short or put back, every hash in order: a head kept elsewhere finds each', async () => {
  expect(await tamper(SEED, 100)).toEqual({
    edited: 20,
    deleted: 20,
    reordered: 20,
    'cut short': 20,
    'put back': 20,
  })
})

test('[J5] verify --head takes what /v1/head said; later entries do not matter, another history does', async () => {
  const folder = await temporaryFolder()
  const config = await configFile(folder, SOURCES)
  const server = await serverProcess(config)
  onTestFinished(() => server.kill())
  const submit = (order: string) =>
    sent(
      `${server.url}/v1/events`,
      'application/x-ndjson',
      readyOrder(order)
        .map(each => `${JSON.stringify({ specversion: '1.0', ...each })}\n`)
        .join(''),
    ).then(response => response.text())
  await submit('O-1')
  const { hash, position } = (await (await fetch(`${server.url}/v1/head`)).json()) as Record<string, string>
  await submit('O-2')
  await server.stop()
  const verified = (head: string) => ordertwin(['verify', '--data', join(folder, 'store'), '--head', head])
  expect(await verified(`${position}:${hash}`)).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('head kept elsewhere: holds at position'),
  })
  expect(await verified(`${position}:${'0'.repeat(64)}`)).toMatchObject({
    exitCode: 1,
    error: expect.stringContaining('is not the one that was kept'),
  })
  expect(await verified(`0000000zzzz:${hash}`)).toMatchObject({
    exitCode: 1,
    error: expect.stringContaining('which was kept as its head'),
  })
  expect(await verified('yesterday')).toMatchObject({ exitCode: 2 })
})
