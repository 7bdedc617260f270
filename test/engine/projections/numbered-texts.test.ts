// Texts kept as numbers, beside a plain list of them.
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { NumberedTexts, type SavedTexts } from '../../../engine/projections/numbered-texts.ts'

const ODD = [
  '',
  '0',
  '00',
  '7',
  '007',
  'SO-',
  'SO-0',
  'SO-00',
  'SO-9',
  'SO-10',
  'SO-1a',
  'SO-999999999999999',
  'SO-1000000000000000',
  'SO-12345678901234567890',
  'SO-12345678901234567891',
  '123456789012345678901234567890',
  'ref:consignment/C-9',
  'ref:ünicode-٣',
  'ref:ünicode-3',
  '\u{1f4e6}-12',
  'a0b1c2d3-0000-4000-8000-00000000000e',
  'a0b1c2d3-0000-4000-8000-000000000012',
]

function textsOf(list: readonly string[]): NumberedTexts {
  const texts = new NumberedTexts()
  for (const [row, text] of list.entries()) expect(texts.push(text)).toBe(row)
  return texts
}

function someTexts(seed: number, count: number): readonly string[] {
  const random = seededRandom(seed)
  const made = Array.from({ length: count }, () => {
    const number = String(random.whole(10 ** (1 + random.whole(6))))
    const padded = random.chance(0.5) ? number.padStart(7, '0') : number
    return random.chance(0.7) ? `SO-${padded}` : `X${random.whole(1e9)}Y${random.chance(0.5) ? padded : ''}`
  })
  return [...ODD, ...made]
}

const sign = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

describe('texts by row', () => {
  test('[Q8] are what they were, found by no other text, and in their order', () => {
    for (const seed of [1, 2, 3]) {
      const list = someTexts(seed, 400)
      const texts = textsOf(list)
      expect(texts.size).toBe(list.length)
      expect(list.map((_, row) => texts.at(row))).toEqual(list)
      const wrong: string[] = []
      for (const [a, text] of list.entries()) {
        const against = texts.against(text)
        for (const [b, other] of list.entries()) {
          const isRight =
            texts.holds(b, text) === (text === other) &&
            Math.sign(texts.compare(a, b)) === sign(text, other) &&
            Math.sign(against(b)) === sign(other, text)
          if (!isRight) wrong.push(`${text} and ${other}`)
        }
      }
      expect(wrong).toEqual([])
    }
  })

  test('[Q8] are told from each other where they have more forms than are kept', () => {
    const list = Array.from({ length: 9_000 }, (_, row) => `${row}-${row % 3}`)
    const texts = textsOf(list)
    expect(list.map((_, row) => texts.at(row))).toEqual(list)
    for (const row of [0, 4_000, 4_095, 4_096, 4_097, 8_999]) {
      expect(texts.holds(row, list[row] as string)).toBe(true)
      expect(texts.holds(row, `${row}-${(row + 1) % 3}`)).toBe(false)
      expect(Math.sign(texts.compare(row, 8_000))).toBe(sign(list[row] as string, '8000-2'))
    }
  })

  test.each([0, 1, 1_023, 1_024, 1_025, 1_152])(
    '[E9] of %i rows the next holds nothing: a table may name it before it is there',
    count => {
      const texts = textsOf(Array.from({ length: count }, (_, row) => `SO-${row}`))
      for (const beyond of [0, 1, 200]) expect(texts.holds(count + beyond, `SO-${count}`)).toBe(false)
      expect(texts.push(`SO-${count}`)).toBe(count)
      expect(texts.holds(count, `SO-${count}`)).toBe(true)
    },
  )

  test('[Q8] a text that is no row compares with all of them', () => {
    const texts = textsOf(['SO-1', 'SO-3', 'A', 'B2'])
    const signs = (text: string) => [0, 1, 2, 3].map(row => Math.sign(texts.against(text)(row)))
    expect(signs('SO-2')).toEqual([-1, 1, -1, -1])
    expect(signs('SO-10')).toEqual([-1, 1, -1, -1])
    expect(signs('')).toEqual([1, 1, 1, 1])
    expect(signs('Z')).toEqual([-1, -1, -1, -1])
  })

  test('[Q8] come back from a checkpoint as they were when it was begun, and take more', () => {
    const list = someTexts(4, 10_000)
    const texts = textsOf(list)
    const saved = texts.saved()
    for (const more of ['SO-5', 'no form', 'NEW-17']) texts.push(more)
    const read = NumberedTexts.from(bytesOfAll(saved))
    expect(list.map((_, row) => read.at(row))).toEqual(list)
    expect(read.size).toBe(list.length)
    expect([read.push('NEW-18'), read.push('neither'), read.push('SO-1000001')]).toEqual(
      [0, 1, 2].map(n => list.length + n),
    )
    expect([0, 1, 2].map(n => read.at(list.length + n))).toEqual(['NEW-18', 'neither', 'SO-1000001'])
    expect(read.holds(0, ODD[0] as string)).toBe(true)
  })
})

const bytesOfAll = ({ texts, ...columns }: SavedTexts) => ({ ...columns, texts: Buffer.concat([...texts]) })
