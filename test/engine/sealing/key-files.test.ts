// Keys on a disk that fails: made ahead, durable before they are used, gone when they are destroyed.
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { copyKeys, type KeyFiles, openKeyFiles } from '../../../engine/sealing/key-files.ts'
import { openKeyring } from '../../../engine/sealing/keyring.ts'
import { ERASED_TEXT } from '../../../engine/sealing/token.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'

const STORE = '00112233445566778899aabbccddeeff'
const NONE = { erasures: new Map(), keysUsed: 0 }

const open = (files: MemoryFiles, epoch = 1, storeId = STORE): Promise<KeyFiles> =>
  openKeyFiles({ files, directory: '/keys', storeId, epoch, randomBytes })

const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('hex')

const holds = (files: MemoryFiles, key: string): boolean =>
  files.names().some(path => Buffer.from(files.bytesOf(path)).toString('hex').includes(key))

async function usedKeys(files: MemoryFiles, used = 3): Promise<{ keys: KeyFiles; first: readonly string[] }> {
  const keys = await open(files)
  keys.startAt(0)
  expect(await keys.make(used)).toBe(true)
  return { keys, first: Array.from({ length: used }, (_, slot) => hex(keys.keyIn(slot)) as string) }
}

describe('[Y1] a key is durable before anything is sealed under it', () => {
  test('after a power cut every key that was handed out is there', async () => {
    const files = new MemoryFiles()
    const { first } = await usedKeys(files)
    files.crash()
    const keys = await open(files, 2)
    expect(keys.startAt(3)).toEqual([])
    expect([0, 1, 2].map(slot => hex(keys.keyIn(slot)))).toEqual(first)
  })

  test('keys no entry names are never used after a crash: they may be in memory only', async () => {
    const files = new MemoryFiles()
    const { first } = await usedKeys(files)
    files.kill()
    const keys = await open(files, 2)
    keys.startAt(1)
    expect(keys.made).toBe(1)
    await keys.make(1)
    expect(hex(keys.keyIn(0))).toBe(first[0])
    expect(hex(keys.keyIn(1))).not.toBe(first[1])
  })

  test.each(['write', 'sync'] as const)(
    'a %s that fails gives no key, and none after it until it is opened anew',
    async operation => {
      const files = new MemoryFiles()
      const { keys } = await usedKeys(files)
      const before = keys.made
      files.fault = call => (call.operation === operation ? { kind: 'error', code: 'EIO' } : undefined)
      expect(await keys.make(1)).toBe(false)
      files.fault = () => undefined
      expect(await keys.make(1)).toBe(false)
      expect(keys.made).toBe(before)
      expect(keys.failure()).toBeDefined()
    },
  )

  test('a full disk gives none until there is room', async () => {
    const files = new MemoryFiles()
    const { keys } = await usedKeys(files)
    files.fault = call => (call.operation === 'write' ? { kind: 'error', code: 'ENOSPC' } : undefined)
    expect(await keys.make(1)).toBe(false)
    files.fault = () => undefined
    expect(await keys.make(1)).toBe(true)
  })

  test('[E10] an owner declared dead that goes on touches no key in use', async () => {
    const files = new MemoryFiles()
    const { keys: stale } = await usedKeys(files)
    const owner = await open(files, 2)
    owner.startAt(3)
    await owner.make(1)
    const mine = hex(owner.keyIn(3))
    await stale.make(1_000)
    files.crash()
    const next = await open(files, 3)
    next.startAt(4)
    expect(hex(next.keyIn(3))).toBe(mine)
  })
})

describe('[Y2] a key that was destroyed is gone', () => {
  test('from memory and disk, also after a power cut; its neighbours stay', async () => {
    const files = new MemoryFiles()
    const { first, keys } = await usedKeys(files)
    expect(await keys.destroy([1])).toBe(true)
    expect(keys.keyIn(1)).toBeUndefined()
    files.crash()
    expect(holds(files, first[1] as string)).toBe(false)
    const next = await open(files, 2)
    expect(next.startAt(3)).toEqual([])
    expect([0, 1, 2].map(slot => hex(next.keyIn(slot)))).toEqual([first[0], undefined, first[2]])
    expect(next.isDestroyed(1)).toBe(true)
  })

  test('where the disk fails it is gone from memory, and opening destroys it', async () => {
    const files = new MemoryFiles()
    const { first, keys } = await usedKeys(files)
    files.fault = call => (call.operation === 'sync' ? { kind: 'error', code: 'EIO' } : undefined)
    expect(await keys.destroy([1])).toBe(false)
    expect(keys.keyIn(1)).toBeUndefined()
    files.crash()
    expect(holds(files, first[1] as string)).toBe(true)
    const erasure = { family: 'O-1', keys: [1], by: 'ann', reason: 'asked', position: 9, atMs: 0 }
    await openKeyring(await open(files, 2), { keysUsed: 3, erasures: new Map([['O-1', erasure]]) })
    expect(holds(files, first[1] as string)).toBe(false)
  })

  test('[E8] more keys than are kept at hand open what each of them sealed, until one is destroyed', async () => {
    // Twice as many as are kept, and one: no place is left out, and some are taken again.
    const count = 2 * 4_096 + 1
    const keys = await open(new MemoryFiles())
    const keyring = await openKeyring(keys, NONE)
    expect(await keyring.has(count)).toBe(true)
    const sealed = Array.from({ length: count }, () => keyring.seal('order', keyring.take() as number, 'Ann'))
    expect(new Set(sealed).size).toBe(count)
    for (const token of sealed) expect(keyring.tokenValue(token)).toEqual({ value: 'Ann' })
    for (const key of [0, 4_096, 8_192]) {
      expect(keyring.seal('order', key, 'Ann')).toBe(sealed[key])
      expect(await keyring.destroy([key])).toBe(true)
      expect(keyring.tokenValue(sealed[key] as string)).toBeUndefined()
      expect(keyring.seal('order', key, 'Ann')).toBe(ERASED_TEXT)
      expect(keyring.tokenValue(sealed[1] as string)).toEqual({ value: 'Ann' })
    }
  })

  test('a copy holds the keys of its moment, in one file', async () => {
    const files = new MemoryFiles()
    const { first, keys } = await usedKeys(files)
    await keys.destroy([0])
    await copyKeys({ files, directory: '/keys', storeId: STORE }, '/copy')
    files.crash()
    const copy = await openKeyFiles({ files, directory: '/copy', storeId: STORE, epoch: 1, randomBytes })
    expect(copy.startAt(3)).toEqual([])
    expect([0, 1, 2].map(slot => hex(copy.keyIn(slot)))).toEqual([undefined, first[1], first[2]])
  })
})

describe('[Y3] a key that an entry names and that does not verify is told', () => {
  test('any flipped bit of one', async () => {
    for (const at of [64, 90, 96, 100, 103]) {
      const files = new MemoryFiles()
      await usedKeys(files)
      const [path] = files.names() as [string]
      const bytes = files.bytesOf(path)
      bytes[at] = (bytes[at] as number) ^ 4
      await expect(openKeyring(await open(files, 2), { ...NONE, keysUsed: 3 })).rejects.toMatchObject({
        code: 'keys_lost',
      })
      const keyring = await openKeyring(await open(files, 2), { ...NONE, keysUsed: 3 }, true)
      expect(keyring.isGone(0)).toBe(true)
      expect(keyring.isGone(1)).toBe(false)
    }
  })

  test('files that are gone, and those of another store', async () => {
    const files = new MemoryFiles()
    await expect(openKeyring(await open(files), { ...NONE, keysUsed: 1 })).rejects.toMatchObject({ code: 'keys_lost' })
    await usedKeys(files)
    const foreign = await open(files, 2, 'ff'.repeat(16))
    await expect(openKeyring(foreign, { ...NONE, keysUsed: 3 })).rejects.toMatchObject({ code: 'keys_lost' })
  })
})
