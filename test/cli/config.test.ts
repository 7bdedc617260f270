// The configuration in force: what the file says, and over it what the environment does, member by member.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../cli/config.ts'

const ROOT = new URL('../../', import.meta.url)
let folder: string
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'))
  file = join(folder, 'own.config.mjs')
  const base = JSON.stringify(new URL('ordertwin.config.ts', ROOT).href)
  await writeFile(
    file,
    `import base from ${base}\nexport default { ...base, limits: { liveFamiliesMax: 50, packedFamiliesMax: 7 } }\n`,
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('[E8] one limit from the environment leaves the others as the file has them', async () => {
  expect((await readConfig(file, {})).limits).toEqual({ liveFamiliesMax: 50, packedFamiliesMax: 7 })
  const live = await readConfig(file, { ORDERTWIN_LIVE_FAMILIES_MAX: '9' })
  expect(live.limits).toEqual({ liveFamiliesMax: 9, packedFamiliesMax: 7 })
  const packed = await readConfig(file, { ORDERTWIN_PACKED_FAMILIES_MAX: '0' })
  expect(packed.limits).toEqual({ liveFamiliesMax: 50, packedFamiliesMax: 0 })
})

test('an empty variable says nothing', async () => {
  const empty = { ORDERTWIN_DATA: '', ORDERTWIN_HOST: '', ORDERTWIN_PORT: '', ORDERTWIN_PACKED_FAMILIES_MAX: '' }
  expect(await readConfig(file, empty)).toEqual(await readConfig(file, {}))
})

test('what is no limit is refused, with where it stands', async () => {
  const odd = readConfig(file, { ORDERTWIN_PACKED_FAMILIES_MAX: '-1' })
  await expect(odd).rejects.toThrow('limits.packedFamiliesMax')
})
