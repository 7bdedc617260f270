import { describe, expect, it } from 'vitest'
import { dataFlaw } from '../../machines/plain-data.ts'

const nested = (levels: number): unknown => (levels === 0 ? 1 : { inner: nested(levels - 1) })

describe('event data that can be kept', () => {
  it.each([
    ['NUL in a text', { lines: [{ line: 'a\0b' }] }, '.lines[0].line', 'must not contain NUL'],
    ['NUL in a key', { 'a\0b': 1 }, '.a\\0b', 'must not contain NUL'],
    ['half a surrogate pair', { note: '\ud800' }, '.note', 'is not well-formed Unicode'],
    ['__proto__', JSON.parse('{"shipTo":{"__proto__":{"x":1}}}'), '.shipTo.__proto__', 'is not a member that is kept'],
  ])('[O-malformed] has no %s', (_, data, path, message) => {
    expect(dataFlaw(data)).toEqual({ path, message })
  })

  it('[O-malformed] nests at most 32 levels', () => {
    expect(dataFlaw(nested(32))).toBeUndefined()
    expect(dataFlaw(nested(33))?.message).toBe('nests deeper than 32 levels')
  })

  it('may be anything else', () => {
    expect(dataFlaw({ text: 'Zürich 😀', list: [1, null, true, { deep: [] }], '': '' })).toBeUndefined()
  })
})
