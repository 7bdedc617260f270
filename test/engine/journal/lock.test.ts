import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { diskFiles } from '../../../engine/journal/disk-files.ts'
import { claimDirectory, LOCK_NAME } from '../../../engine/journal/lock.ts'
import { openSegmentJournal } from '../../../engine/journal/segment-journal.ts'
import { makeFrames } from '../../helpers/frames.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'
import { appendCommits, DIRECTORY, openSegments, positionsIn, segmentPath, storeWith, upTo } from './segment-store.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ordertwin-lock-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('the claim on a folder', () => {
  test('[E10] is refused to a second owner in the same process, and free again once released', async () => {
    const claim = await claimDirectory(directory)
    await expect(claimDirectory(directory)).rejects.toMatchObject({ code: 'store_locked', directory })
    await claim.release()
    await (await claimDirectory(directory)).release()
  })

  test('[E10] is held by another process while that is paused, and gone the moment it is killed', async () => {
    const owner = spawnOwner()
    await once(owner.stdout!, 'data')
    await expect(claimDirectory(directory)).rejects.toMatchObject({ code: 'store_locked' })
    owner.kill('SIGSTOP')
    await expect(claimDirectory(directory)).rejects.toMatchObject({ code: 'store_locked' })
    const exit = once(owner, 'exit')
    owner.kill('SIGKILL')
    await exit
    await (await claimDirectory(directory)).release()
  })

  test('[E10] does not depend on a file that somebody may remove', async () => {
    const claim = await claimDirectory(directory)
    const moved = `${directory}-moved`
    await rename(directory, moved)
    await expect(claimDirectory(moved)).rejects.toMatchObject({ code: 'store_locked' })
    await rename(moved, directory)
    await claim.release()
  })

  function spawnOwner(): ChildProcess {
    const lock = new URL('../../../engine/journal/lock.ts', import.meta.url)
    const program = `
      const { claimDirectory } = await import(${JSON.stringify(lock.href)})
      await claimDirectory(${JSON.stringify(directory)})
      setInterval(() => undefined, 1000)
      console.log('claimed')`
    return spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  }
})

describe('whose store it is', () => {
  test('[E10] a copy of the folder is refused unless adopted, and then goes on under a higher epoch', async () => {
    const options = { randomBytes: (count: number) => new Uint8Array(count).fill(9), segmentBytes: 64 * 1024 }
    const store = join(directory, 'store')
    const journal = await openSegmentJournal({ ...options, directory: store })
    await journal.append(1, makeFrames(1, 3))
    await journal.close()
    const copy = join(directory, 'copy')
    await cp(store, copy, { recursive: true })
    await expect(openSegmentJournal({ ...options, directory: copy })).rejects.toMatchObject({ code: 'store_copied' })
    const adopted = await openSegmentJournal({ ...options, directory: copy, adopt: true })
    expect(adopted.epoch).toBeGreaterThan(journal.epoch)
    expect(adopted.head().position).toBe(3)
    await adopted.close()
    const lock = JSON.parse(await readFile(join(copy, LOCK_NAME), 'utf8'))
    expect(lock).toMatchObject({
      storeId: journal.storeId,
      epoch: adopted.epoch,
      inode: await diskFiles.identity(copy),
    })
    await (await openSegmentJournal({ ...options, directory: copy })).close()
  })

  test('[E10] a store without its LOCK is refused unless adopted, and no epoch is used twice', async () => {
    const files = await storeWith(2)
    const before = await openSegments(files)
    await appendCommits(before, 1)
    await before.close()
    await files.remove(`${DIRECTORY}/${LOCK_NAME}`)
    await expect(positionsIn(files)).rejects.toMatchObject({ code: 'store_copied' })
    const adopted = await openSegments(files, { adopt: true })
    expect(adopted.epoch).toBeGreaterThan(before.epoch)
    expect(adopted.head().position).toBe(9)
    await adopted.close()
    expect(await positionsIn(files)).toEqual(upTo(9))
  })

  test('[E10] [S2] a running owner whose LOCK is removed stops, and tells of nothing more', async () => {
    const files = await storeWith(1)
    const journal = await openSegments(files)
    await files.remove(`${DIRECTORY}/${LOCK_NAME}`)
    expect(await journal.append(50, makeFrames(4, 1))).toEqual({ failure: { code: 'fenced' } })
    await journal.close()
  })

  test('[E11] a store written by a later version is refused, not called damaged', async () => {
    const files = await storeWith(1)
    const bytes = files.bytesOf(segmentPath(1))
    const { crc32 } = await import('node:zlib')
    bytes[8] = 99
    new DataView(bytes.buffer).setUint32(4, crc32(bytes.subarray(8, 512)), true)
    await expect(positionsIn(files)).rejects.toMatchObject({ code: 'store_too_new' })
  })

  test('[E10] a store that was begun and never finished is begun again', async () => {
    const files = new MemoryFiles()
    files.fault = ({ operation, path }) =>
      operation === 'sync' && path === segmentPath(1) ? { kind: 'error', code: 'EIO' } : undefined
    await expect(openSegments(files)).rejects.toThrow('EIO')
    files.fault = () => undefined
    expect(await positionsIn(files)).toEqual([])
  })
})
