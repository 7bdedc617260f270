// What entries are packed with: whatever JSON can say comes back as it was, and words keep their numbers.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FORM_NAMES, FORMS } from '../../../engine/packing/forms.ts'
import { Reader } from '../../../engine/packing/reader.ts'
import { WORD_LENGTH_MAX } from '../../../engine/packing/tags.ts'
import { WORDS } from '../../../engine/packing/words.ts'
import { Writer } from '../../../engine/packing/writer.ts'
import { tokenText } from '../../../engine/sealing/token.ts'

function packed(value: unknown, writer = new Writer()): Uint8Array {
  writer.begin()
  writer.value(value)
  return writer.end()
}

function unpacked(bytes: Uint8Array): unknown {
  const reader = new Reader()
  reader.begin(bytes)
  return reader.value()
}

// What event data may not hold is refused before (plain-data.ts).
const jsonValue = fc
  .jsonValue({ noUnicodeString: false, maxDepth: 4 })
  .filter(value => !JSON.stringify(value).includes('__proto__'))

describe('packing', () => {
  test('[E6] whatever JSON can say comes back as it was', () => {
    const writer = new Writer()
    fc.assert(
      fc.property(jsonValue, value => {
        expect(unpacked(packed(value, writer))).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  test('[E6] numbers come back to the bit: whole, negative, fractions, beyond 32 and 53 bits, minus zero', () => {
    const numbers = [
      0,
      63,
      64,
      127,
      128,
      2 ** 31,
      2 ** 32 + 5,
      Number.MAX_SAFE_INTEGER,
      2 ** 60,
      -1,
      -64,
      -(2 ** 40),
      0.1,
    ]
    const back = unpacked(packed([...numbers, -0, -1e-7, 1e308])) as readonly number[]
    expect(back).toEqual([...numbers, -0, -1e-7, 1e308])
    expect(Object.is(back[numbers.length], -0)).toBe(true)
  })

  test('[E6] texts of every length and script, words, and texts that come again', () => {
    const long = 'x'.repeat(70_000)
    const texts = [
      '',
      'a',
      'order.captured',
      'Ærøskøbing',
      '注文',
      '😀',
      'SO-1000001',
      'SO-1000001',
      long,
      long,
      '1Z999',
      '1Z999',
    ]
    expect(unpacked(packed(texts))).toEqual(texts)
    const many = Array.from({ length: 100 }, (_, index) => `number ${index % 50}`)
    expect(unpacked(packed(many))).toEqual(many)
  })

  test('[E6] records of any number of members, whose texts come again behind them', () => {
    const record = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`member ${index}`, `value number ${index % 9}`]))
    for (const count of [0, 1, 14, 15, 16, 17, 200]) {
      const value = [record(count), 'value number 3', record(count)]
      expect(unpacked(packed(value))).toEqual(value)
    }
  })

  test('[E6] texts put together with slashes, from words, from what came before, and from neither', () => {
    const texts = [
      'order/SO-1000001',
      'SO-1000001',
      'shipment/EAST/S-1',
      'confirmed/shipment/EAST/S-1',
      'pick.completed/shipment/EAST/S-1/T-9',
      'a/b/c',
      '/',
      '//',
      'order/',
      '/SO-1000001',
      'https://example.com/S-1',
    ]
    expect(unpacked(packed([...texts, ...texts]))).toEqual([...texts, ...texts])
  })

  test('[E6] lists of records that come again, records with the members of others, lists of zeros', () => {
    const amounts = Array.from({ length: 5 }, (_, index) => ({ line: `${index}`, quantity: index }))
    const value = {
      told: amounts,
      again: amounts.map(each => ({ ...each })),
      other: amounts.map(({ line, quantity }) => ({ quantity, line })),
      nested: [amounts, [...amounts], [{ line: '0', quantity: -0 }, ...amounts.slice(1)]],
      zeros: [0, 0, 0, 0],
      few: [0, 7, 0, 0, 0, 900_000, 0],
      mixed: [0, 0, 0, -1],
      minus: [-0, 0, 0, 0],
    }
    const back = unpacked(packed(value)) as typeof value
    expect(back).toEqual(value)
    expect(back.other.map(each => Object.keys(each).join())).toEqual(Array(5).fill('quantity,line'))
    expect(Object.is(back.minus[0], -0)).toBe(true)
    expect(packed([amounts, amounts]).length).toBe(packed([amounts]).length + 2)
  })

  test('[E6] records of known forms, alone, in lists, nested, and with a member too many', () => {
    const filled = (value: unknown) => FORMS.map(form => form(() => value))
    const forms = [...filled('x'), ...filled(undefined), ...filled({ line: '1', quantity: 5 })]
    expect(unpacked(packed(forms))).toEqual(forms)
    const rows = [1, 2, 3].map(quantity => ({ line: `L${quantity}`, quantity, in: [{ line: 'a', quantity: 1 }] }))
    const tables = {
      rows,
      more: [...rows, { line: 'L4', quantity: 4 }],
      odd: [{ a: 1, b: 2 }, { b: 2, a: 1 }, 7, null],
      empty: [{}, {}],
    }
    const back = unpacked(packed(tables)) as typeof tables
    expect(back).toEqual(tables)
    expect(JSON.stringify(back)).toBe(JSON.stringify(tables))
  })

  test('[E6] texts that end as the name does', () => {
    const texts = ['S-1000001', 'PO-SO-1000001', '00001', '1', 'SO-1000001', 'X😀', 'Y😀-1000001', '\ude00-1000001', '']
    for (const name of ['SO-1000001', '😀-1000001', '1', '']) {
      const writer = new Writer()
      writer.begin()
      writer.named(name)
      writer.list(texts.filter(text => text.isWellFormed()))
      const reader = new Reader()
      reader.begin(writer.end())
      expect(reader.named()).toBe(name)
      expect(reader.list()).toEqual(texts.filter(text => text.isWellFormed()))
    }
    const long = (text: string) => {
      const writer = new Writer()
      writer.begin()
      writer.named('SO-1000001')
      writer.text(text)
      return writer.end().length
    }
    expect(long('S-1000001')).toBeLessThan(long('S-1000002'))
  })

  test('[E6] a letter that UTF-16 has in two is never cut', () => {
    // Both end in the second half of different letters.
    const writer = new Writer()
    writer.begin()
    writer.named('\u{1f600}1234')
    writer.text('\u{1fa00}1234')
    const reader = new Reader()
    reader.begin(writer.end())
    reader.named()
    expect(reader.text()).toBe('\u{1fa00}1234')
  })

  test('[E6] sealed texts take three bytes for four letters; what only looks like one comes back too', () => {
    const box = (bytes: number) => Buffer.alloc(bytes, 0xa7).toString('base64url')
    const tokens = [0, 1, 2, 3, 17, 40, 5_000].flatMap(bytes => [
      tokenText({ owner: 'order', key: bytes * 1_000_003, box: box(bytes) }),
      tokenText({ owner: 'event', key: 0, box: box(bytes) }),
    ])
    const [token = ''] = tokens.slice(-4)
    const odd = [
      '\0',
      '\0\0',
      '\0erased\0',
      '\0o.AAAA\0',
      '\0o01.AAAA\0',
      '\0o1.AAAB=\0',
      '\0o1.AB\0',
      '\0o1.AAAAA\0',
      `${token}x`,
      `\0o1.A\0A\0`,
      '\0o1',
      '\0ozzzzzzzzzzz.AAAA\0',
    ]
    expect(unpacked(packed([...tokens, ...odd]))).toEqual([...tokens, ...odd])
    expect(packed(token).length).toBeLessThan(token.length - 8)
  })

  test('[E6] undefined members are told from absent ones', () => {
    const back = unpacked(packed({ a: undefined, b: null })) as object
    expect('a' in back).toBe(true)
    expect(back).toEqual({ a: undefined, b: null })
    expect('c' in back).toBe(false)
  })

  test('bodies stay as they were while the next are written, however large one is', () => {
    const writer = new Writer()
    const values = Array.from({ length: 300 }, (_, index) => 'y'.repeat(index % 7 === 0 ? 40_000 : index))
    const bodies = values.map(value => packed(value, writer))
    expect(bodies.map(unpacked)).toEqual(values)
  })

  test('what packing cannot keep is a broken promise of ours, and says so', () => {
    expect(() => packed({ when: 1n })).toThrow(/bigint/)
  })

  // The list only grows, at its end. Whoever adds words adds a line here; the ones above never change.
  test.each([[324, 'faa20e12']])('[G20] the first %i words are the ones entries were written with', (count, digest) => {
    const hash = createHash('sha256').update(WORDS.slice(0, count).join(' ')).digest('hex')
    expect(hash.slice(0, 8)).toBe(digest)
  })

  test.each([[43, '6d027ae3']])('[G20] the first %i forms are the ones entries were written with', (count, digest) => {
    const names = FORM_NAMES.slice(0, count).map(each => each.join(' '))
    expect(createHash('sha256').update(names.join()).digest('hex').slice(0, 8)).toBe(digest)
    expect(new Set(names).size).toBe(count)
  })

  test('no word comes twice, and none is longer than is looked up', () => {
    expect(new Set(WORDS).size).toBe(WORDS.length)
    expect(Math.max(...WORDS.map(word => word.length))).toBeLessThanOrEqual(WORD_LENGTH_MAX)
  })
})
