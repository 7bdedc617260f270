import { describe, expect, test } from 'vitest'
import { Admission, type Admitted } from '../../graphql/http/admission.ts'
import { DEFAULT_LIMITS, type Limits } from '../../graphql/limits.ts'

const KB = 1_000

/** Bodies by sender and size; time goes on when it is told to. */
function world(limits: Partial<Limits> = {}) {
  let nowMs = 0
  const admission = new Admission(
    { ...DEFAULT_LIMITS, paceBytesPerMs: 0, admittedBytesMin: 100 * KB, admittedWaitMsMax: 305, ...limits },
    () => nowMs,
  )
  return {
    admission,
    pass(ms: number) {
      nowMs += ms
    },
    admit: (sender: string, bytes: number, isWhole = true) =>
      admission.admit({ sender, bytes, isWhole: () => isWhole }),
  }
}

type World = ReturnType<typeof world>

/** As many of `sender`'s bodies as are let in. */
function flood({ admit }: World, sender: string, bytes: number): Admitted[] {
  const admitted: Admitted[] = []
  for (let next = admit(sender, bytes); next !== undefined; next = admit(sender, bytes)) admitted.push(next)
  return admitted
}

/** Bodies of 10 KB answered one after another, so long after each other. */
function answer({ admit, pass }: World, count: number, ms: number): void {
  for (let turn = 0; turn < count; turn++) {
    const admitted = admit('any', 10 * KB)
    pass(ms)
    admitted?.judged()
    admitted?.end()
  }
}

describe('[H20] how much is let in', () => {
  test('before anything is known of the pace, as much as is supposed of it', () => {
    expect(flood(world({ paceBytesPerMs: 1_000 }), 'noisy', 10 * KB)).toHaveLength(15)
    const it = world()
    expect(flood(it, 'noisy', 10 * KB)).toHaveLength(5)
    expect(it.admission.bytes).toBe(50 * KB)
  })

  test('as much as is answered in time at the pace of late', () => {
    const it = world()
    answer(it, 300, 5)
    // 2 KB a millisecond: 610 KB in 305 ms, of which a sender has half.
    expect(flood(it, 'noisy', 10 * KB)).toHaveLength(30)
  })

  test('less once it goes slower, and never less than the least', () => {
    const it = world()
    answer(it, 300, 5)
    answer(it, 100, 1_000)
    expect(flood(it, 'noisy', 10 * KB)).toHaveLength(5)
  })

  test('what is answered at once makes the pace no faster than what may be held', () => {
    const it = world({ admittedBytesMax: 200 * KB })
    answer(it, 300, 0.001)
    expect(flood(it, 'noisy', 10 * KB)).toHaveLength(10)
  })

  test('an answer makes room, once', () => {
    const it = world()
    const [first] = flood(it, 'noisy', 10 * KB)
    first?.end()
    first?.end()
    expect(it.admission.bytes).toBe(40 * KB)
    expect(flood(it, 'noisy', 10 * KB)).toHaveLength(1)
  })

  test('time in which nothing was to be done says nothing of the pace', () => {
    const it = world()
    answer(it, 300, 5)
    it.pass(3_600_000)
    answer(it, 1, 5)
    expect(flood(it, 'noisy', 10 * KB)).toHaveLength(30)
  })

  test('what was refused at a glance says nothing of the pace', () => {
    const it = world()
    for (let turn = 0; turn < 50; turn++) {
      const admitted = it.admit('any', 90 * KB)
      it.pass(1)
      admitted?.end()
    }
    expect(flood(it, 'noisy', 10 * KB)).toHaveLength(5)
  })
})

describe('[H21] shares', () => {
  test('whoever floods, the next one comes in', () => {
    const it = world()
    const lengths = ['one', 'two', 'three'].map(sender => flood(it, sender, 10 * KB).length)
    // The last one's share is two; the second of them would leave nobody room.
    expect(lengths).toEqual([5, 3, 1])
    expect(it.admit('four', 10 * KB)).toBeDefined()
  })

  test('whoever has something in the room leaves some, also within its share', () => {
    const it = world()
    expect(flood(it, 'large', 80 * KB)).toHaveLength(1)
    expect(flood(it, 'many', 10 * KB)).toHaveLength(1)
    expect(it.admit('quiet', 80 * KB)).toBeDefined()
  })

  test('a second body that leaves room is let in beside one, so that there is work at hand; a third is not', () => {
    const it = world()
    expect(flood(it, 'noisy', 45 * KB)).toHaveLength(2)
    // Two senders leave room for who comes next, too.
    expect(flood(it, 'other', 45 * KB)).toHaveLength(1)
  })

  test('a second body that leaves none is not', () => {
    const it = world()
    expect(flood(it, 'noisy', 50 * KB)).toHaveLength(1)
    expect(it.admit('quiet', 45 * KB)).toBeDefined()
    expect(it.admit('quiet', 4 * KB)).toBeDefined()
    expect(it.admit('third', 45 * KB)).toBeDefined()
  })

  test('a body larger than its share is let in where its sender has nothing else', () => {
    const it = world()
    expect(flood(it, 'noisy', 80 * KB)).toHaveLength(1)
  })
})

test('[H23] slow bodies hold no room after a while; whole ones do until they are answered', () => {
  const it = world({ arrivalMsMax: 250 })
  it.admit('waits', 40 * KB)
  it.admit('slow', 90 * KB, false)
  expect(it.admit('late', 40 * KB)).toBeUndefined()
  it.pass(251)
  expect(it.admit('late', 40 * KB)).toBeDefined()
  expect(it.admission.bytes).toBe(80 * KB)
})
