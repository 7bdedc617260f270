// When checkpoints are written: soon enough that little is folded at opening, and not all the time.
import { expect, test } from 'vitest'
import type { CheckpointContent } from '../../engine/checkpoint.ts'
import { Checkpointer } from '../../engine/checkpointer.ts'
import { Companions } from '../../engine/companions.ts'
import { Derived } from '../../engine/derived.ts'
import { Directory } from '../../engine/directory.ts'
import { ENGINE_LIMITS } from '../../engine/limits.ts'
import { othersTurn } from '../../engine/others-turn.ts'

const MB = 1024 * 1024

/** A journal of so many bytes, a hundred to an entry, whose checkpoints are written when they are told to be. */
function world({ bytes = 0, savedTo = 0 } = {}) {
  const directory = new Directory({ a: 1, b: 2 })
  directory.noteFamily('O-1', 1)
  const head = { bytes, position: bytes / 100, hash: new Uint8Array(32), recordedMs: 0 }
  const clock = { nowMs: 1_000 }
  const troubles: string[] = []
  const writing: { readonly draft: CheckpointContent; readonly done: PromiseWithResolvers<number> }[] = []
  const checkpointer = new Checkpointer({
    journal: { head: () => head, epoch: 1, storeId: 'store' },
    derived: new Derived(directory),
    companions: new Companions({}, () => undefined),
    checkpoints: {
      read: async () => undefined,
      write(draft) {
        const done = Promise.withResolvers<number>()
        writing.push({ draft, done })
        return done.promise
      },
    },
    settings: '{}',
    everyBytes: ENGINE_LIMITS.checkpointEveryBytes,
    savedTo,
    position: () => head.position,
    clock,
    onTrouble: trouble => void troubles.push(trouble),
  })
  return {
    clock,
    troubles,
    writing,
    async grow(more: number) {
      head.bytes += more
      head.position = head.bytes / 100
      checkpointer.consider()
      await othersTurn()
    },
    async written(tookMs: number) {
      clock.nowMs += tookMs
      writing.at(-1)?.done.resolve(1)
      await othersTurn()
    },
  }
}

const headsIn = (draft: CheckpointContent | undefined) => draft?.sections.heads as Iterable<Uint8Array>

test('[E9] one is written whenever the journal has grown by 16 MB, one at a time', async () => {
  const { grow, writing, written } = world()
  await grow(16 * MB)
  expect(writing).toHaveLength(0)
  await grow(1_000)
  await grow(20 * MB)
  expect(writing.map(({ draft }) => draft.position)).toEqual([(16 * MB + 1_000) / 100])
  expect([...headsIn(writing[0]?.draft)]).toHaveLength(1)
  await written(0)
  await grow(1_000)
  expect(writing).toHaveLength(2)
})

test('[E9] what takes long rests twice as long, however much the journal grows', async () => {
  const { clock, grow, writing, written } = world()
  await grow(17 * MB)
  await written(2_000)
  clock.nowMs += 3_999
  await grow(100 * MB)
  expect(writing).toHaveLength(1)
  clock.nowMs += 1
  await grow(0)
  expect(writing).toHaveLength(2)
})

test('[E9] what was folded at opening counts as grown: it is not folded again by who opens next', async () => {
  const far = world({ bytes: 100 * MB, savedTo: (80 * MB) / 100 })
  await far.grow(1)
  expect(far.writing).toHaveLength(1)
  const near = world({ bytes: 100 * MB, savedTo: (90 * MB) / 100 })
  await near.grow(1)
  expect(near.writing).toHaveLength(0)
})

test('[E9] a clock that is set keeps it from none for long', async () => {
  const back = world()
  await back.grow(17 * MB)
  await back.written(10)
  back.clock.nowMs -= 3_600_000
  await back.grow(17 * MB)
  expect(back.writing).toHaveLength(2)
  const forth = world()
  await forth.grow(17 * MB)
  await forth.written(3_600_000)
  forth.clock.nowMs += 600_000
  await forth.grow(17 * MB)
  expect(forth.writing).toHaveLength(2)
})

test('[E9] one that cannot be written is told, and tried again in its turn', async () => {
  const { clock, grow, troubles, writing } = world()
  await grow(17 * MB)
  clock.nowMs += 100
  writing[0]?.done.reject(new Error('disk full'))
  await othersTurn()
  expect(troubles).toEqual(['no checkpoint was written: Error: disk full'])
  clock.nowMs += 199
  await grow(17 * MB)
  expect(writing).toHaveLength(1)
  clock.nowMs += 1
  await grow(0)
  expect(writing).toHaveLength(2)
})

test('[E9] one that is not written keeps no column as it was', async () => {
  const { grow, writing } = world()
  await grow(17 * MB)
  const heads = headsIn(writing[0]?.draft)
  writing[0]?.done.reject(new Error('disk full'))
  await othersTurn()
  expect([...heads]).toEqual([])
})
