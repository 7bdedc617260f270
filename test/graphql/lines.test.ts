import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineSplitter } from '../../graphql/http/line-splitter.ts'
import { groupsOfLines } from '../../graphql/http/lines.ts'
import { DEFAULT_LIMITS } from '../../graphql/limits.ts'

const LIMITS = { ...DEFAULT_LIMITS, eventBytesMax: 20, groupEventsMax: 3 }

/** All values of a body that arrives in `chunks`; undefined where a line could not be read. */
function valuesOf(chunks: readonly Buffer[]) {
  const splitter = new LineSplitter(LIMITS.eventBytesMax)
  const whole = chunks.map(chunk => splitter.push(chunk))
  const groups = [...whole, splitter.rest()].flatMap(bytes => (bytes === undefined ? [] : groupsOfLines(bytes, LIMITS)))
  for (const group of groups) expect(group.values.length).toBeLessThanOrEqual(LIMITS.groupEventsMax)
  return groups.flatMap(({ values, flaws }) => {
    for (const index of flaws.keys()) expect(values[index]).toBeUndefined()
    return values
  })
}

describe('lines of a stream', () => {
  test('[H5] are the same however they are cut into chunks', () => {
    const line = fc.constantFrom(
      '{"a":1}',
      '{"é":"ü€"}',
      '7',
      'nonsense',
      '',
      ' \r',
      `"${'x'.repeat(30)}"`,
      '{"a":1,"a":1}',
      '\\u',
    )
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), fc.array(fc.nat(9), { minLength: 1 }), (lines, endsOpen, sizes) => {
        const body = Buffer.from(lines.join('\n') + (endsOpen ? '' : '\n'))
        expect(valuesOf(cut(body, sizes))).toEqual(lines.filter(text => text.trim() !== '').map(expectedValue))
      }),
    )
  })

  test('[H5] a line that is too long, or not UTF-8, does not spoil its neighbours', () => {
    const long = Buffer.alloc(1_000, 0x31)
    const bad = Buffer.from([0x22, 0xff, 0x22, 0x0a])
    const body = [Buffer.from('1\n'), long, long, Buffer.from('\n2\n'), bad, Buffer.from('3\n'), long]
    expect(valuesOf(body)).toEqual([1, undefined, 2, undefined, 3, undefined])
  })
})

function cut(body: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const size = (sizes[turn % sizes.length] as number) + 1
    chunks.push(body.subarray(at, at + size))
    at += size
  }
  return chunks
}

function expectedValue(text: string): unknown {
  if (text.length > 20 || text === 'nonsense' || text === '\\u' || text.startsWith('{"a":1,')) return undefined
  return JSON.parse(text)
}
