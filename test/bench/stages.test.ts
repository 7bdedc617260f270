import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BEGINNINGS, STAGE_NAMES, stagesOf } from '../../bench/measures/stages.ts'

const ROOT = 'file:///twin/'

interface Call {
  readonly name?: string
  readonly file?: string
  /** Microseconds in itself. */
  readonly us?: number
  readonly calls?: readonly Call[]
}

/** A profile as V8 tells it, one sample for each call. */
function profileOf(calls: readonly Call[]) {
  const nodes: Parameters<typeof stagesOf>[0]['nodes'] = []
  const samples: number[] = []
  const timeDeltas: number[] = []
  const add = ({ calls = [], file, name = '', us = 0 }: Call): number => {
    const id = nodes.length + 1
    const url = file === undefined ? '' : file.startsWith('node:') ? file : `${ROOT}${file}`
    const node = {
      id,
      callFrame: { functionName: name, scriptId: '0', url, lineNumber: 0, columnNumber: 0 },
      children: [],
    }
    nodes.push(node)
    samples.push(id)
    timeDeltas.push(us)
    ;(node.children as number[]).push(...calls.map(add))
    return id
  }
  add({ name: '(root)', calls })
  return { nodes, samples, timeDeltas, startTime: 0, endTime: 0 }
}

test('time belongs to the innermost frame of a stage; what many use counts where it was called from', () => {
  const { idleUs, us } = stagesOf(
    profileOf([
      { name: '(idle)', us: 7 },
      { name: '(garbage collector)', us: 5 },
      { name: '(program)', us: 3 },
      { file: 'bench/clients/child.ts', us: 41, calls: [{ file: 'node:child_process', us: 43 }] },
      {
        file: 'node:_http_server',
        us: 2,
        calls: [
          {
            file: 'graphql/http/event-stream.ts',
            us: 11,
            calls: [{ file: 'machines/event.ts', us: 13, calls: [{ file: 'machines/records.ts', us: 17 }] }],
          },
        ],
      },
      {
        file: 'engine/engine.ts',
        us: 19,
        calls: [
          { file: 'engine/entry-codec.ts', us: 23, calls: [{ file: 'engine/packing/writer.ts', us: 29 }] },
          { file: 'engine/family-codec.ts', calls: [{ file: 'engine/packing/writer.ts', us: 31 }] },
          { file: 'engine/sealing/keyring.ts', calls: [{ file: 'node:internal/crypto/hash', us: 37 }] },
        ],
      },
    ]),
    ROOT,
  )
  // The bench's own is nobody's stage.
  expect(idleUs).toBe(7 + 41 + 43)
  const told = Object.fromEntries(Object.entries(us).filter(([, took]) => took > 0))
  expect(told).toEqual({
    collector: 5,
    node: 5,
    http: 11,
    validate: 30,
    loop: 19,
    pack: 52,
    find: 31,
    seal: 37,
  })
})

test('every beginning of a stage is that of a file there is', () => {
  const missing = BEGINNINGS.filter(([beginning]) => !existsSync(beginning) && globSync(`${beginning}*`).length === 0)
  expect(missing).toEqual([])
})

test('every stage is told of in PERFORMANCE.md, in the order of an event', () => {
  const rows = readFileSync('docs/PERFORMANCE.md', 'utf8').matchAll(/^\| `(\w+)` \| [\d.]+ \| \d/gm)
  expect([...rows].map(([, stage]) => stage)).toEqual(STAGE_NAMES)
})
