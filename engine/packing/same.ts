// Same: whether two plain values pack alike: equal, with their members in the same order.

export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const names = Object.keys(one)
  const others = Object.keys(other)
  if (names.length !== others.length) return false
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string
    if (name !== others[index] || !isSame(memberOf(one, name), memberOf(other, name))) return false
  }
  return true
}

const memberOf = (record: object, name: string): unknown => (record as Readonly<Record<string, unknown>>)[name]
