import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { growthPercent, markers } from '../../cli/heap.ts'

test('the heap grows by the same room whatever lives in it, a small one up to the same size, within bounds', () => {
  expect(growthPercent(256e6)).toBe(31)
  expect([growthPercent(100e6), growthPercent(160e6), growthPercent(200e6)]).toEqual([172, 70, 40])
  expect(growthPercent(320e6)).toBe(25)
  expect([growthPercent(10e6), growthPercent(4e9)]).toEqual([300, 20])
})

test('a processor is left for the program, and V8 marks with four threads at most', () => {
  expect([1, 2, 4, 5, 64].map(markers)).toEqual([1, 1, 3, 4, 4])
})

// A process of its own: what it asks of V8 is for the whole process.
test('a process that is bounded holds less garbage than one that is not', async () => {
  const heap = fileURLToPath(new URL('../../cli/heap.ts', import.meta.url))
  const program = `
    import { getHeapStatistics } from 'node:v8'
    import { boundHeap } from ${JSON.stringify(heap)}
    const LIVE = 2_500_000
    const live = Array.from({ length: LIVE }, (_, index) => ({ index, list: [index, index] }))
    function most() {
      let bytes = 0
      for (let step = 0; step < 6_000_000; step++) {
        live[(step * 7_919) % LIVE] = { index: step, list: [step, step] }
        if (step % 20_000 === 0) bytes = Math.max(bytes, getHeapStatistics().used_heap_size)
      }
      return bytes
    }
    // What bounds it hears of collections in turns of the event loop.
    const turns = async () => { for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve)) }
    const before = most()
    const unbound = boundHeap()
    gc(); await turns(); gc()
    const bounded = most()
    unbound()
    console.log(JSON.stringify({ before, bounded }))`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--input-type=module',
    '--eval',
    program,
  ])
  const { before, bounded } = JSON.parse(stdout)
  expect(bounded).toBeLessThan(before * 0.85)
}, 60_000)

test('what a process makes where objects live long is young all the same', async () => {
  const heap = fileURLToPath(new URL('../../cli/heap.ts', import.meta.url))
  // V8 learns only from code that is not optimised, and makes use of it only in code that is: when that happens is no matter of chance here.
  const flags = ['--allow-natives-syntax', '--no-turbofan', '--no-maglev', '--input-type=module', '--eval']
  const program = (before: string) => `
    import { setFlagsFromString } from 'node:v8'
    import { turnOffPretenuring } from ${JSON.stringify(heap)}
    ${before};
    const make = index => ({ index, list: [index, index] });
    %PrepareFunctionForOptimization(make);
    const live = [];
    for (let index = 0; index < 1_500_000; index++) live.push(make(index));
    setFlagsFromString('--turbofan');
    %OptimizeFunctionOnNextCall(make);
    make(0);
    console.log(%InYoungGeneration(make(1)))`
  const isYoung = async (before: string) =>
    (await promisify(execFile)(process.execPath, [...flags, program(before)])).stdout.trim()
  expect(await isYoung('')).toBe('false')
  expect(await isYoung('turnOffPretenuring()')).toBe('true')
}, 60_000)

// V8 asks for it before any program runs, so that each way a twin is started must say it.
// So does the C library: what is larger than this goes back to the system when it is given back, and threads share their room.
test('a twin is started with a young generation of twice 16 MB, and gives large pieces of memory back, by npm and by name; so is the bench', () => {
  const textOf = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
  const started = [scripts.start, scripts.ordertwin, scripts.bench, scripts['memory-test'], textOf('cli/ordertwin.ts')]
  const children = /'(--max-semi-\S+)'/.exec(textOf('bench/clients/child.ts'))?.[1]
  const asked = started.map(command => /\bnode (--\S+)/.exec(command?.split('\n')[0] ?? '')?.[1])
  expect(asked).toEqual(started.map(() => '--max-semi-space-size=16'))
  expect(children).toBe('--max-semi-space-size=16')
  for (const command of started)
    expect(command?.split('\n')[0]).toContain('MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 ')
})

test('each process of the bench that opens a twin has its heap as the process that serves', () => {
  const clients = readdirSync(new URL('../../bench/clients/', import.meta.url))
  const texts = clients.map(name => [
    name,
    readFileSync(new URL(`../../bench/clients/${name}`, import.meta.url), 'utf8'),
  ])
  const opening = texts.filter(([, text]) => text?.includes('openBenchTwin('))
  expect(opening.length).toBeGreaterThan(1)
  for (const [, text] of opening) expect(text).toMatch(/^turnOffPretenuring\(\)$/m)
})
