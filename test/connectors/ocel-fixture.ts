// A small order-management log as data: one order of two items in one package, changed by each test where it must differ.

export interface OcelJson {
  objectTypes: { name: string }[]
  eventTypes: { name: string }[]
  objects: {
    id: string
    type: string
    attributes?: { name: string; value: string | number }[]
    relationships?: { objectId: string; qualifier: string }[]
  }[]
  events: { id: string; type: string; time: string; relationships: { objectId: string; qualifier: string }[] }[]
}

const named = (...names: string[]) => names.map(name => ({ name }))
const to = (objectId: string, qualifier: string) => ({ objectId, qualifier })

/** Times of day on 2026-03-02 UTC; every event is about `object`. */
export const happened = (time: string, type: string, object: string) => ({
  id: `${type} ${object} ${time}`,
  type,
  time: `2026-03-02T${time}Z`,
  relationships: [to(object, 'about')],
})

export function makeOcel(): OcelJson {
  return {
    objectTypes: named('orders', 'items', 'packages', 'customers', 'products', 'employees'),
    eventTypes: named(
      ...['place order', 'confirm order', 'payment reminder', 'pay order', 'item out of stock', 'reorder item'],
      ...['pick item', 'create package', 'send package', 'failed delivery', 'package delivered'],
    ),
    objects: [
      { id: 'Acme', type: 'customers', relationships: [to('o-1', 'places')] },
      {
        id: 'o-1',
        type: 'orders',
        attributes: [{ name: 'price', value: 35.1 }],
        relationships: [to('i-1', 'comprises'), to('i-2', 'comprises')],
      },
      item('i-1', 10.05),
      item('i-2', 20.05),
      { id: 'p-1', type: 'packages', relationships: [to('i-1', 'contains'), to('i-2', 'contains')] },
    ],
    events: [
      happened('09:00:00', 'place order', 'o-1'),
      happened('10:00:00', 'confirm order', 'o-1'),
      happened('11:00:00', 'pick item', 'i-2'),
      happened('12:00:00', 'pick item', 'i-1'),
      happened('12:00:00', 'create package', 'p-1'),
      happened('13:00:00', 'send package', 'p-1'),
      happened('14:00:00', 'failed delivery', 'p-1'),
      happened('15:00:00', 'package delivered', 'p-1'),
      happened('16:00:00', 'payment reminder', 'o-1'),
      happened('17:00:00', 'pay order', 'o-1'),
    ],
  }
}

const item = (id: string, value: number) => ({
  id,
  type: 'items',
  attributes: [{ name: 'price', value }],
  relationships: [to('Lamp', 'is a')],
})
