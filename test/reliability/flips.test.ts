// One bit flipped, or the end cut off, in any file that the twin itself writes: verify finds it and names the file, and nothing
// wrong is served. The short form of `npm run flip-test`.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyStore } from '../../cli/verify-store.ts'
import { diskStore, temporaryFolder } from '../helpers/disk-store.ts'
import { readyOrder } from '../helpers/distributor.ts'
import { spoilJournal, spoilServed } from './spoilt.ts'

const SEED = 20_261_121

describe('500 flipped bits and 100 cuts', () => {
  test.each([
    ['flip', 500],
    ['cut', 100],
  ] as const)('[E12] [J3] %s in any file of the journal: each is found, and its file named', async (how, rounds) => {
    const perFile = await spoilJournal(SEED, rounds, how)
    expect(Object.keys(perFile)).toEqual(
      expect.arrayContaining(['HEAD', 'LOCK', '0000000001.index', '0000000001.segment']),
    )
  })

  test('[E9] [E12] in the checkpoint and the families: the same families, counts and references are served', async () => {
    const perFile = await spoilServed({ folder: await temporaryFolder(), seed: SEED, rounds: 16 })
    expect(perFile).toMatchObject({ 'flip CHECKPOINT': 4, 'cut CHECKPOINT': 4 })
  })

  test('[E9] a flipped checkpoint is named by verify', async () => {
    const store = await diskStore()
    const engine = await store.open()
    await engine.submit(readyOrder('O-1'))
    await engine.close()
    const path = join(store.data, 'CHECKPOINT')
    const bytes = await readFile(path)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 4
    await writeFile(path, bytes)
    expect(await verifyStore(store.data)).toMatchObject({
      report: expect.stringContaining('made again when it is opened: CHECKPOINT'),
    })
  })
})
