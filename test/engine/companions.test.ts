import { describe, expect, it } from 'vitest'
import { type Companion, Companions } from '../../engine/companions.ts'
import { readyOrder } from '../helpers/distributor.ts'
import { openMemoryEngine } from '../helpers/memory-engine.ts'

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString()

describe('companions', () => {
  it('[N1] hear each entry once, in order, before anybody is answered', async () => {
    const { engine } = await openMemoryEngine()
    const heard: number[] = []
    const companion: Companion = {
      name: 'listener',
      fold: (entries, head) => void heard.push(...entries.map(({ position }) => position), -head),
      saved: () => undefined,
    }
    const { head } = engine.attach(companion)
    await engine.submit(readyOrder('A1'))
    const positions = heard.filter(each => each > 0)
    expect(positions).toEqual(positions.map((_, index) => head + index + 1))
    expect(heard.at(-1)).toBe(-(positions.at(-1) as number))
    await engine.close()
  })

  it('[N2] one that throws is told as trouble, hears no more, and stops nothing', async () => {
    const { engine, troubles } = await openMemoryEngine()
    let calls = 0
    engine.attach({
      name: 'broken',
      fold() {
        calls++
        throw new Error('I cannot count')
      },
      saved: () => undefined,
    })
    const outcomes = await engine.submit(readyOrder('A1'))
    await engine.submit(readyOrder('A2'))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => 'accepted'))
    expect([calls, troubles]).toEqual([1, ['broken hears no more entries: I cannot count']])
    await engine.close()
  })

  it('[N3] [N2] are told when nothing is left to do, behind the answers; what one throws there is told as trouble too', async () => {
    const { engine, troubles } = await openMemoryEngine()
    const heard: string[] = []
    const nothing = { fold: () => undefined, saved: () => undefined }
    engine.attach({ name: 'listener', ...nothing, idle: () => void heard.push(`idle, busy: ${engine.isBusy}`) })
    engine.attach({
      name: 'broken',
      ...nothing,
      idle() {
        throw new Error('I cannot rest')
      },
    })
    const answering = engine.submit(readyOrder('A1')).then(() => heard.push('answered'))
    expect(engine.isBusy).toBe(true)
    await answering
    await new Promise(resolve => setImmediate(resolve))
    expect(heard).toEqual(['answered', 'idle, busy: false'])
    expect(troubles).toEqual(['broken hears no more entries: I cannot rest'])
    // What is said as soon as the first is answered comes before any rest.
    await engine.submit(readyOrder('A2')).then(() => engine.submit(readyOrder('A3')).then(() => heard.push('answered')))
    await new Promise(resolve => setImmediate(resolve))
    expect(heard.slice(2)).toEqual(['answered', 'idle, busy: false'])
    await engine.close()
  })

  it('find their own sections again; those of who never came, or still takes them up, stay in the checkpoint', () => {
    const bytes = (word: string) => Buffer.from(word)
    const read = { heads: bytes('h'), 'beside.watch.a.b': bytes('one'), 'beside.other.c': bytes('two') }
    const companions = new Companions(read, () => undefined)
    let saved: { x: Buffer } | undefined
    const { sections, tookUp } = companions.attach({ name: 'watch', fold: () => undefined, saved: () => saved }, 7)
    expect([Object.keys(sections ?? {}), text(sections?.['a.b'])]).toEqual([['a.b'], 'one'])
    // Saved while it still takes up what it was given.
    expect(Object.keys(companions.sections()).sort()).toEqual(['beside.other.c', 'beside.watch.a.b'])
    tookUp()
    expect(Object.keys(companions.sections())).toEqual(['beside.other.c'])
    saved = { x: bytes('new') }
    expect(Object.keys(companions.sections()).sort()).toEqual(['beside.other.c', 'beside.watch.x'])
  })
})
