// Retiring on the command line, and every command that reads a store some of whose orders were retired.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { journalFolder } from '../../cli/store.ts'
import { UNFINISHED_NAME } from '../../engine/journal/rewriting.ts'
import { diskStore, temporaryFolder } from '../helpers/disk-store.ts'
import { readyOrder, SOURCES } from '../helpers/distributor.ts'
import { closedLife, personOf } from '../helpers/retiring-store.ts'
import { configFile, ordertwin } from '../helpers/server-process.ts'

const VERIFIER = fileURLToPath(new URL('../../docs/evidence/verify.mjs', import.meta.url))

async function world() {
  const folder = await temporaryFolder()
  const store = await diskStore({ data: join(folder, 'store') })
  const engine = await store.open()
  for (const number of [1, 2, 3]) await engine.submit(closedLife(number))
  await engine.submit(readyOrder('A-1'))
  const { position } = engine.head()
  await engine.close()
  const config = await configFile(folder, SOURCES)
  const run = (...args: readonly string[]) => ordertwin([...args, '--config', config])
  return { folder, position, run, store }
}

test('[Z1] [Z3] retire says which, retires them, and every command goes on', async () => {
  const { folder, run, store } = await world()
  const backup = join(folder, 'before')
  await run('backup', backup)
  const planned = await run('retire', '--closed-for', '0', '--dry-run')
  expect(planned).toMatchObject({ exitCode: 0, out: expect.stringMatching(/O-1 {2}10 entries[\s\S]*3 orders with 30/) })
  expect((await run('card', 'O-1')).exitCode).toBe(0)
  expect(await run('retire', '--closed-for', 'soon')).toMatchObject({ exitCode: 2 })
  expect(await run('retire', '--closed-for', '0', '--by', 'records')).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/3 orders with 30 entries are retired\n1 segments were written anew/),
  })
  expect(await run('retire', '--closed-for', '0')).toMatchObject({ out: expect.stringContaining('no order') })
  const verified = await run('verify')
  expect(verified.out).toMatch(/chain whole[\s\S]*written anew: 1[\s\S]*retired: of 3 orders[\s\S]*keys: 0 there, 3/)
  expect(await run('history', 'PO-2')).toMatchObject({ out: expect.stringMatching(/order\.retired[\s\S]*records/) })
  expect(await run('card', 'PO-2')).toMatchObject({ exitCode: 1, error: expect.stringMatching(/was retired/) })
  expect(await run('history', 'PO-9')).toMatchObject({ exitCode: 1, error: expect.stringMatching(/nothing here has/) })
  const evidence = join(folder, 'evidence.json')
  await run('evidence', 'O-2', '--out', evidence)
  expect(execFileSync(process.execPath, [VERIFIER, evidence]).toString()).toMatch(/whole: order O-2, 1 records/)
  const exported = join(folder, 'export.json')
  expect((await run('export', exported)).exitCode).toBe(0)
  const ocel = readFileSync(exported, 'utf8')
  expect(ocel).toContain('order.retired')
  expect(ocel).not.toContain('delivery.completed')
  for (const number of [1, 2, 3]) expect(ocel).not.toContain(personOf(number))
  const engine = await store.open()
  expect(engine.orders({}, { by: 'number', descending: false }, { first: 10 }).orders).toEqual(['A-1'])
  await engine.close()
}, 120_000)

test('[J2] [Z2] what is left out is restored from no later backup, and from an earlier one whole', async () => {
  const { folder, position, run } = await world()
  const [before, after] = [join(folder, 'before'), join(folder, 'after')]
  await run('backup', before)
  await run('retire', '--closed-for', '0')
  await run('backup', after)
  const restored = (name: string) => join(folder, name)
  const restore = (from: string, to: string, ...args: readonly string[]) =>
    ordertwin(['restore', from, '--data', restored(to), ...args])
  expect(await restore(after, 'early', '--position', position)).toMatchObject({
    exitCode: 1,
    error: expect.stringMatching(/retired since .* or an older backup/),
  })
  expect((await restore(after, 'late')).exitCode).toBe(0)
  const late = await (await diskStore({ data: restored('late') })).open({ adopt: true })
  expect((await late.find('O-3')).kind).toBe('retired')
  await late.close()
  expect((await restore(before, 'whole')).exitCode).toBe(0)
  const whole = await (await diskStore({ data: restored('whole') })).open({ adopt: true })
  expect(await whole.entries('O-3', { after: 0, first: 100 })).toHaveLength(10)
  await whole.close()
}, 120_000)

test('[Z2] a store with a retirement begun is not copied until it was opened; nobody retires beside a server', async () => {
  const { folder, run, store } = await world()
  const mark = join(journalFolder(store.data), UNFINISHED_NAME)
  writeFileSync(mark, '')
  expect(await run('backup', join(folder, 'backup'))).toMatchObject({
    exitCode: 1,
    error: expect.stringContaining('not finished'),
  })
  const engine = await store.open()
  expect(store.troubles).toEqual(['a retirement had been interrupted; it is finished'])
  expect(await run('retire', '--closed-for', '0')).toMatchObject({ exitCode: 1, error: expect.stringMatching(/open/) })
  await engine.close()
  expect((await run('backup', join(folder, 'backup'))).exitCode).toBe(0)
}, 120_000)

test('[Z1] repair of a store whose end is damaged keeps what stays, and judges nothing of a retired order again', async () => {
  const { folder, run, store } = await world()
  await run('retire', '--closed-for', '0')
  const engine = await store.open()
  await engine.submit(readyOrder('A-2'))
  await engine.close()
  const path = join(journalFolder(store.data), '0000000002.segment')
  const bytes = readFileSync(path)
  // In the first block behind the header: the retirements.
  bytes[512 + 200] = (bytes[512 + 200] as number) ^ 1
  writeFileSync(path, bytes)
  expect(await run('verify')).toMatchObject({ exitCode: 1 })
  const repaired = join(folder, 'repaired')
  expect((await run('repair', repaired)).exitCode).toBe(0)
  const later = readFileSync(join(repaired, 'later.ndjson'), 'utf8')
  expect(later).toContain('order/A-2')
  expect(later).not.toContain('O-1')
}, 120_000)
