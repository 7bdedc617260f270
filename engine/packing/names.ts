// Names of members: whether records have the same, in the same order, and which form that is. Pure.
import { FORM_NAMES } from './forms.ts'

export type Names = readonly string[]

// Forms by their number of members: few have the same.
const formsBySize: (readonly [form: number, names: Names])[][] = []
for (const [form, names] of FORM_NAMES.entries()) {
  formsBySize[names.length] ??= []
  formsBySize[names.length]?.push([form, names])
}

/** Whether all are records with these members, in this order. */
export function haveNames(list: readonly unknown[], names: Names): boolean {
  for (let row = 1; row < list.length; row++) {
    const record = list[row]
    if (typeof record !== 'object' || record === null || Array.isArray(record)) return false
    let index = 0
    for (const name in record) if (names[index++] !== name) return false
    if (index !== names.length) return false
  }
  return true
}

export function areSame(one: Names, other: Names): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false
  return true
}

/** Which form these names are; -1 where they are none. */
export function formOf(names: Names): number {
  const forms = formsBySize[names.length]
  if (forms === undefined) return -1
  for (let index = 0; index < forms.length; index++) {
    const [form, known] = forms[index] as readonly [number, Names]
    if (areSame(known, names)) return form
  }
  return -1
}
