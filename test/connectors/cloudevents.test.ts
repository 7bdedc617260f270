import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linesOf } from '../../connectors/cloudevents/lines.ts'
import { type CloudEventLine, readCloudEvents } from '../../connectors/cloudevents/source.ts'
import { translateLine } from '../../connectors/cloudevents/translate.ts'

async function* chunksOf(bytes: Buffer, size: number) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

async function linesIn(text: string, size: number, lineBytesMax = 100): Promise<(string | undefined)[]> {
  const lines = []
  for await (const line of linesOf(chunksOf(Buffer.from(text), size), lineBytesMax)) lines.push(line.bytes?.toString())
  return lines
}

async function readFileOf(name: string, content: string | Buffer): Promise<CloudEventLine[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudevents-'))
  try {
    await writeFile(join(folder, name), content)
    return await collected(readCloudEvents(join(folder, name)))
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('lines of a stream', () => {
  test('are the same however the stream is cut', async () => {
    const texts = fc.array(fc.constantFrom('a', 'bc', '\n', 'é')).map(parts => parts.join(''))
    const check = async (text: string, size: number) => {
      const expected = text.split('\n')
      if (expected.at(-1) === '') expected.pop()
      expect(await linesIn(text, size)).toEqual(expected)
    }
    await fc.assert(fc.asyncProperty(texts, fc.integer({ min: 1, max: 7 }), check), { seed: 20_260_302 })
  })

  test('longer than the limit are named and not held; the next one is read', async () => {
    expect(await linesIn(`ok\n${'x'.repeat(101)}\nok`, 10)).toEqual(['ok', undefined, 'ok'])
    expect(await linesIn('x'.repeat(100), 10)).toEqual(['x'.repeat(100)])
  })

  test('know where in the stream they end', async () => {
    const ends = []
    for await (const line of linesOf(chunksOf(Buffer.from('ab\n\ncd'), 2), 9)) ends.push([line.number, line.endsAt])
    expect(ends).toEqual([
      [1, 3],
      [2, 4],
      [3, 6],
    ])
  })
})

describe('a line of CloudEvents', () => {
  const translated = (text: string) => translateLine(Buffer.from(text))

  test('is the event it says, whatever type that is', () => {
    expect(translated('{"id":"1","type":"any"}\r')).toEqual({ event: { id: '1', type: 'any' } })
    expect(translated('\uFEFF{"id":"1","datacontenttype":"application/json; charset=utf-8"}')).toHaveProperty('event')
  })

  test('that is blank says nothing', () => {
    expect(translated(' \r')).toBeUndefined()
  })

  test.each([
    ['{"id":', /^is no JSON/],
    ['[1]', 'is not a JSON object'],
    ['null', 'is not a JSON object'],
    ['{"data_base64":"AA=="}', 'has binary data (data_base64); events carry JSON'],
    ['{"datacontenttype":"text/xml"}', 'has data of type text/xml; events carry JSON'],
  ])('%s is a finding', (text, message) => {
    expect(translated(text)).toEqual({
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })

  test('in another encoding is a finding', () => {
    expect(translateLine(Buffer.from([0x7b, 0xe9, 0x7d]))).toEqual({ message: 'is not UTF-8' })
  })
})

describe('a file of CloudEvents', () => {
  const text = '{"id":"1"}\n\n{"id":\n{"id":"2"}'

  test('is read line by line; a bad line is a finding with its number and stops nothing', async () => {
    const lines = await readFileOf('a.ndjson', text)
    expect(lines).toMatchObject([
      { kind: 'event', line: 1, event: { id: '1' } },
      { kind: 'finding', line: 3 },
      { kind: 'event', line: 4, event: { id: '2' }, endsAt: text.length },
    ])
  })

  test('may be gzipped', async () => {
    expect(await readFileOf('a.ndjson.gz', gzipSync(text))).toEqual(await readFileOf('a.ndjson', text))
  })

  test('that is not there, or not gzipped as it says, is an error', async () => {
    await expect(collected(readCloudEvents('/nowhere/a.ndjson.gz'))).rejects.toThrow('ENOENT')
    await expect(readFileOf('a.ndjson.gz', text)).rejects.toThrow('incorrect header check')
  })
})
