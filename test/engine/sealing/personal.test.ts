// Which fields are personal, and what stands in their place.
import { createCipheriv, createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { cipherKey, openedBox, sealedBox } from '../../../engine/sealing/cipher.ts'
import { replacedTokens, tokenOf, tokenText } from '../../../engine/sealing/token.ts'
import { keptEvent, parseEvent } from '../../../machines/event.ts'
import { eventTypeNames, personalFieldsOf } from '../../../machines/event-types.ts'
import { type PersonalFields, withPersonal } from '../../../machines/events/personal.ts'
import { captured, SOURCES } from '../../helpers/distributor.ts'

function paths({ each, own, within }: PersonalFields): readonly string[] {
  const inner = within.flatMap(([name, fields]) =>
    paths(fields).map(path => `${name}${path.startsWith('[') ? '' : '.'}${path}`),
  )
  return [...own, ...inner, ...(each === undefined ? [] : paths(each).map(path => `[].${path}`))].sort()
}

const ADDRESS = ['email', 'name', 'phone', 'street']
const of = (type: (typeof eventTypeNames)[number]) => {
  const fields = personalFieldsOf(type)
  return fields === undefined ? [] : paths(fields)
}

describe('[E12] personal fields are declared where their schema is', () => {
  test('addresses, signatures, and what people wrote', () => {
    const shipTo = ADDRESS.map(name => `shipTo.${name}`)
    expect(of('order.captured')).toEqual([...ADDRESS.map(name => `lines[].shipTo.${name}`), ...shipTo])
    expect(of('order.released')).toEqual(shipTo)
    expect(of('shipment.amended')).toEqual(shipTo)
    expect(of('delivery.completed')).toEqual(['proof.documentUrl', 'proof.signedBy', 'signedBy'])
    expect(of('order.change_requested')).toEqual(['remark', ...shipTo])
    expect(of('order.rejected')).toEqual(['reason'])
  })

  test('every text called remark, reason, resolution or result is one', () => {
    const without = eventTypeNames.filter(type => personalFieldsOf(type) === undefined)
    expect(without).toEqual([
      'order.accepted',
      'order.allocated',
      'backorder.created',
      'invoice.posted',
      'payment.received',
      'shipment.acknowledged',
      'shipment.split',
      'pick.released',
      'pick.started',
      'pick.completed',
      'pack.completed',
      'shipment.booked',
      'shipment.confirmed',
      'shipment.in_transit',
      'shipment.out_for_delivery',
      'return.authorized',
      'return.in_transit',
      'return.received',
      'return.dispositioned',
      'exception.assigned',
    ])
  })

  test("a correction's data may be any event's", () => {
    const corrected = of('correction.reported')
    for (const type of eventTypeNames)
      if (type !== 'correction.reported') for (const path of of(type)) expect(corrected).toContain(`data.${path}`)
  })

  test('what an address says that we do not read is sealed as well, and so is what stands where an address should', () => {
    const fields = personalFieldsOf('order.captured') as PersonalFields
    const sealed = withPersonal({ shipTo: { city: 'Ulm', contact: { who: 'Ann' } }, lines: 'x' }, fields, () => '*')
    expect(sealed).toEqual({ shipTo: { city: 'Ulm', contact: '*' }, lines: '*' })
    const plain = { shipTo: { city: 'Ulm' }, lines: [{ line: '1' }] }
    expect(withPersonal(plain, fields, () => '*')).toBe(plain)
  })

  test('from outside nobody can say a sealed text', () => {
    const token = tokenText({ owner: 'order', key: 3, box: 'AAAA' })
    const [shop] = SOURCES.filter(({ id }) => id === 'shop')
    const input = captured('O-1', '00:10', { shipTo: { name: token } })
    expect(parseEvent(input, shop as never, Date.UTC(2027, 0))).toMatchObject({ flaws: [{ path: 'data.shipTo.name' }] })
    expect(keptEvent(input, shop as never)).toMatchObject({ event: { data: { shipTo: { name: token } } } })
  })
})

describe('[E12] sealing', () => {
  const key = cipherKey(new Uint8Array(32).fill(1))

  test.each([['Ann'], [''], ['Zoë 😀'], [5], [{ a: [1, null] }], [false]])('%j comes back', value => {
    const box = sealedBox(key, value)
    expect(openedBox(key, box)).toEqual({ value })
    expect(box).not.toContain('Ann')
  })

  test('the same value under the same key is the same; under another key it is not, nor does that open it', () => {
    const other = cipherKey(new Uint8Array(32).fill(2))
    expect(sealedBox(key, 'Ann')).toBe(sealedBox(key, 'Ann'))
    expect(sealedBox(key, 'Ann')).not.toBe(sealedBox(other, 'Ann'))
    expect(openedBox(other, sealedBox(key, 'Ann'))).toBeUndefined()
  })

  test('the first 16 bytes are the HMAC-SHA-256 of the value under half of the SHA-512 of the key, as everywhere', () => {
    const half = createHash('sha512')
      .update('ordertwin sealing ')
      .update(new Uint8Array(32).fill(1))
      .digest()
      .subarray(0, 32)
    for (const value of ['Ann', 'Zoë 😀', 'x'.repeat(50_000)]) {
      const code = createHmac('sha256', half).update(`t${value}`).digest()
      expect(Buffer.from(sealedBox(key, value), 'base64url').subarray(0, 16)).toEqual(code.subarray(0, 16))
    }
    // Never changes: stored values are opened with it (G20).
    expect(sealedBox(key, 'Ann')).toBe('lIy1gXmEGK2mgYn6UGHAVnydqvY')
  })

  // 65,537 blocks: two digits of the counter carry.
  test.each([0, 14, 15, 16, 33, 4_000, 65_537 * 16])(
    'behind them are the bytes of the value, %i of them and a letter, in AES-256-CTR from there under the other half, as everywhere',
    length => {
      const half = createHash('sha512')
        .update('ordertwin sealing ')
        .update(new Uint8Array(32).fill(1))
        .digest()
        .subarray(32)
      const value = 'Zo\u00eb '.repeat(Math.ceil(length / 5)).slice(0, length)
      const bytes = Buffer.from(sealedBox(key, value), 'base64url')
      const cipher = createCipheriv('aes-256-ctr', half, bytes.subarray(0, 16))
      expect(bytes.subarray(16).equals(cipher.update(`t${value}`))).toBe(true)
      expect(openedBox(key, bytes.toString('base64url'))).toEqual({ value })
    },
  )

  test('a changed letter does not open', () => {
    const box = sealedBox(key, 'Ann Miller')
    for (let at = 0; at < box.length - 1; at++) {
      const letter = box[at] === 'A' ? 'B' : 'A'
      expect(openedBox(key, box.slice(0, at) + letter + box.slice(at + 1))).toBeUndefined()
    }
    expect(openedBox(key, '')).toBeUndefined()
  })

  test('a token is found in other text', () => {
    const token = tokenText({ owner: 'event', key: 40, box: sealedBox(key, 'x') })
    expect(tokenOf(token)).toMatchObject({ owner: 'event', key: 40 })
    expect(replacedTokens(`late: ${token}, \0erased\0.`, () => '*')).toBe('late: *, *.')
    expect(tokenOf('Ann')).toBeUndefined()
  })
})
