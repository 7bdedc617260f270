// One bit flipped in any file that the twin itself writes: verify finds it and names the file, and nothing wrong is served.
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { journalFolder } from '../../cli/store.ts'
import { verifyStore } from '../../cli/verify-store.ts'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { diskStore, storeTruth, temporaryFolder } from '../helpers/disk-store.ts'
import { readyOrder, released } from '../helpers/distributor.ts'
import { flipBits } from './flips.ts'

const SEED = 20_261_121

describe('500 flipped bits', () => {
  test('[E12] [J3] in any file of the journal: each is found, and its file named', async () => {
    const perFile = await flipBits(SEED, 500)
    expect(Object.keys(perFile)).toEqual(
      expect.arrayContaining(['HEAD', 'LOCK', '0000000001.index', '0000000001.segment']),
    )
  })

  test('[E9] [E12] in the checkpoint and the families: the same families, counts and references are served', async () => {
    const store = await diskStore()
    const engine = await store.open()
    await engine.submit(Array.from({ length: 30 }, (_, index) => readyOrder(`O-${index + 1}`)).flat())
    await engine.submit([released('O-1', 'S-1', '01:00')])
    const truth = await storeTruth(engine)
    await engine.close()
    const random = seededRandom(SEED)
    for (let flip = 0; flip < 12; flip++) {
      const data = join(await temporaryFolder(), 'store')
      await cp(store.data, data, { recursive: true })
      const file = await flippedFile(data, flip % 2 === 0, random)
      const copy = await (await diskStore({ data })).open({ adopt: true })
      expect(await storeTruth(copy), `seed ${SEED}, flip ${flip} in ${file}`).toEqual(truth)
      await copy.close()
      await rm(data, { recursive: true })
    }
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

async function flippedFile(
  data: string,
  isCheckpoint: boolean,
  random: { whole(below: number): number },
): Promise<string> {
  const families = join(data, 'families')
  const names = (await readdir(families)).filter(name => /\.(log|ldb)$|^MANIFEST/.test(name))
  const file = isCheckpoint ? join(data, 'CHECKPOINT') : join(families, names[random.whole(names.length)] as string)
  const bytes = await readFile(file)
  if (bytes.length > 0) {
    const at = random.whole(bytes.length)
    bytes[at] = (bytes[at] as number) ^ (1 << random.whole(8))
    await writeFile(file, bytes)
  }
  return file.slice(journalFolder(data).length - 'journal'.length)
}
