// Same: whether two plain values pack alike: equal, with their members in the same order.

export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one)) return Array.isArray(other) && isSameList(one, other)
  return !Array.isArray(other) && isSameRecord(one as Fields, other as Fields)
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) if (!isSame(one[index], other[index])) return false
  return true
}

type Fields = Readonly<Record<string, unknown>>

function isSameRecord(one: Fields, other: Fields): boolean {
  const names = Object.keys(other)
  let index = 0
  for (const name in one) if (name !== names[index++] || !isSame(one[name], other[name])) return false
  return index === names.length
}
