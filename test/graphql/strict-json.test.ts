import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readArray, readJson, readTexts } from '../../graphql/http/strict-json.ts'

const flawOf = (text: string | Buffer) => readJson(Buffer.from(text)).flaws.get(0)

describe('strict JSON', () => {
  test.each([
    ['{"a":1,"a":2}', /twice/],
    ['{"a":{"b":1,"c":[{"d":":"}]},"a":2}', /twice/],
    ['{"a":1,"\\u0061":2}', /twice/],
    ['{"__proto__":{"x":1}}', /__proto__/],
    ['{"\\u005f_proto__":1}', /__proto__/],
    ['[{"x":{"constructor":1}}]', /constructor/],
    ['{"a":"x\\u0000"}', /NUL/],
    ['{"a\\u0000":1}', /NUL/],
    ['{"a":"\\ud800"}', /surrogate/],
    ['['.repeat(100_000) + ']'.repeat(100_000), /nested/],
    ['{"a":1', /not JSON/],
    ['', /not JSON/],
    [Buffer.from([0x22, 0xc3, 0x28, 0x22]), /UTF-8/],
  ])('[H7] %s is refused', (text, why) => expect(flawOf(text)).toMatch(why))

  test.each([
    '{"a":"x:\\"y\\":z","b":{"a":1},"c":[{"a":2},{"a":3}]}',
    '{"a":"\\\\","b":"\\\\u0000"}',
    '{"a":"\\u00e9\\ud83d\\ude00"}',
    ' { "a" : { } , "b" : [ ] , "":null } ',
    '{"a":"Dock #","#":"!","b":["#","!#"],"c":"###"}',
    '"x:y"',
    'null',
  ])('[H7] %s is read as it is', text => {
    const { values, flaws } = readJson(Buffer.from(text))
    expect(flaws.size).toBe(0)
    expect(values).toEqual([JSON.parse(text)])
  })

  test('[H7] whatever JSON.stringify writes is read as JSON.parse reads it', () => {
    // What strict JSON refuses is left out by rules of its own, not by asking it.
    const written = fc.json({ maxDepth: 8 }).filter(text => !/__proto__|constructor|\\u/.test(text))
    fc.assert(
      fc.property(fc.array(written), texts => {
        expect(readTexts(texts, Buffer.from(texts.join('\n'))).values).toEqual(texts.map(text => JSON.parse(text)))
      }),
    )
  })

  test('[H7] a key written twice is found wherever it stands', () => {
    const object = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 })
    fc.assert(
      fc.property(object, fc.jsonValue(), (value, second) => {
        fc.pre(!/__proto__|constructor/.test(JSON.stringify(value)))
        const key = JSON.stringify(Object.keys(value)[0])
        const twice = `${JSON.stringify(value).slice(0, -1)},${key}:${JSON.stringify(second)}}`
        expect(flawOf(twice)).toBeDefined()
      }),
    )
  })

  test('[H7] a bad text does not spoil its neighbours', () => {
    const texts = ['{"a":1}', '{"a":1,"a":2}', 'nonsense', '{"b":"x"}']
    const { values, flaws } = readTexts(texts, Buffer.from(texts.join('\n')))
    expect(values).toEqual([{ a: 1 }, undefined, undefined, { b: 'x' }])
    expect([...flaws.keys()].sort()).toEqual([1, 2])
  })

  test('[H7] a bad element does not spoil its array', () => {
    const read = readArray(Buffer.from(' [ {"a":"],["} , {"b":1,"b":2},[1,[2]], {"__proto__":1} ,3 ] '))
    if ('unreadable' in read) throw new Error(read.unreadable)
    expect(read.values).toEqual([{ a: '],[' }, undefined, [1, [2]], undefined, 3])
    expect([...read.flaws.keys()]).toEqual([1, 3])
  })

  test('[H4] what is no array is unreadable, and an empty one is not', () => {
    expect(readArray(Buffer.from('{}'))).toHaveProperty('unreadable')
    expect(readArray(Buffer.from('[1'))).toHaveProperty('unreadable')
    expect(readArray(Buffer.from([0x5b, 0xff, 0x5d]))).toHaveProperty('unreadable')
    expect(readArray(Buffer.from('[]'))).toEqual({ values: [], flaws: new Map() })
  })
})
