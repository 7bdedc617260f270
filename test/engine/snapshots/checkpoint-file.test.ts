import { describe, expect, test } from 'vitest'
import {
  CHECKPOINT_NAME,
  checkpointVerifies,
  readCheckpoint,
  writeCheckpoint,
} from '../../../engine/snapshots/checkpoint-file.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'

const DIRECTORY = '/store'
const PATH = `${DIRECTORY}/${CHECKPOINT_NAME}`
const STORE_ID = '00112233445566778899aabbccddeeff'
const draft = { storeId: STORE_ID, epoch: 3, position: 77 }

async function written(sections: Record<string, Uint8Array | Iterable<Uint8Array>>): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  await files.makeDirectory(DIRECTORY)
  await writeCheckpoint(files, DIRECTORY, { ...draft, sections })
  return files
}

describe('checkpoint file', () => {
  test('[E9] there is none before one is written', async () => {
    expect(await readCheckpoint(new MemoryFiles(), DIRECTORY, STORE_ID)).toBeUndefined()
  })

  test('sections come back as they were, whole or in parts, none or many slices long, also after a power cut', async () => {
    const long = new Uint8Array(10_000_000).map((_, index) => index % 251)
    const parts = [long.subarray(0, 7), new Uint8Array(), long.subarray(7, 6_000_000), long.subarray(6_000_000)]
    const files = await written({ directory: long, empty: new Uint8Array(), board: parts })
    files.crash()
    const checkpoint = await readCheckpoint(files, DIRECTORY, STORE_ID)
    expect(checkpoint).toMatchObject({ ...draft, bytes: files.bytesOf(PATH).length })
    expect(Object.keys(checkpoint!.sections)).toEqual(['directory', 'empty', 'board'])
    expect(Buffer.compare(checkpoint!.sections.directory!, long)).toBe(0)
    expect(Buffer.compare(checkpoint!.sections.board!, long)).toBe(0)
    expect(checkpoint!.sections.empty!.length).toBe(0)
  })

  test('a part is asked for only when the one before is written', async () => {
    const files = new MemoryFiles()
    const writesBefore: number[] = []
    function* parts() {
      for (let part = 0; part < 4; part++) {
        writesBefore.push(files.calls.get('write') ?? 0)
        yield new Uint8Array(4 * 1024 * 1024)
      }
    }
    await writeCheckpoint(files, DIRECTORY, { ...draft, sections: { parts: parts() } })
    expect(writesBefore).toEqual([0, 1, 2, 3])
  })

  test('[E9] with any byte changed, cut short at any length, or of another store, it is not there', async () => {
    const files = await written({ one: Uint8Array.of(1, 2, 3), two: Uint8Array.of(4) })
    const whole = files.bytesOf(PATH).slice()
    for (let index = 0; index < whole.length; index++) {
      const changed = whole.slice()
      changed[index]! ^= 1 << (index % 8)
      files.bytesOf(PATH).set(changed)
      // The six bytes nobody reads are covered as well: by the digest.
      expect(await readCheckpoint(files, DIRECTORY, STORE_ID), `byte ${index}`).toBeUndefined()
      expect(await checkpointVerifies(files, DIRECTORY, STORE_ID), `byte ${index}`).toBe(false)
    }
    files.bytesOf(PATH).set(whole)
    expect(await readCheckpoint(files, DIRECTORY, STORE_ID)).toBeDefined()
    expect(await checkpointVerifies(files, DIRECTORY, STORE_ID)).toBe(true)
    expect(await readCheckpoint(files, DIRECTORY, 'another store')).toBeUndefined()
    for (let length = 0; length < whole.length; length++) {
      const cut = new MemoryFiles()
      const file = await cut.open(PATH, 'create')
      if (length > 0) await file.write(whole.subarray(0, length), 0)
      expect(await readCheckpoint(cut, DIRECTORY, STORE_ID), `length ${length}`).toBeUndefined()
    }
  })

  for (const operation of ['write', 'sync', 'rename'] as const) {
    test(`[E9] when the ${operation} fails, the former one stays`, async () => {
      const files = await written({ one: Uint8Array.of(1) })
      files.fault = call => (call.operation === operation ? { kind: 'error', code: 'EIO' } : undefined)
      const next = { ...draft, position: 99, sections: { one: Uint8Array.of(2) } }
      await expect(writeCheckpoint(files, DIRECTORY, next)).rejects.toThrow('EIO')
      files.fault = () => undefined
      files.crash()
      expect(await readCheckpoint(files, DIRECTORY, STORE_ID)).toMatchObject({ position: 77 })
      expect(await files.list(DIRECTORY)).toEqual([CHECKPOINT_NAME])
    })
  }
})
