// Answers to the bench's questions: those that do not say what they must are found out.
import { expect, test } from 'vitest'
import { flawOf } from '../../bench/clients/answers.ts'

const page = (...numbers: readonly string[]) =>
  JSON.stringify({ data: { orders: { totalCount: numbers.length, nodes: numbers.map(number => ({ number })) } } })

test('an answer must contain what it is to say', () => {
  expect(flawOf({ says: '"totalCount":2,' }, page('A', 'B'))).toBeUndefined()
  expect(flawOf({ says: '"totalCount":3,' }, page('A', 'B'))).toMatch(/^"totalCount":3, is not in/)
})

test('a page must be sorted as it was asked for', () => {
  const up = { says: '', sorted: { by: 'number', descending: false } } as const
  const down = { says: '', sorted: { by: 'number', descending: true } } as const
  expect(flawOf(up, page('A', 'B', 'B', 'C'))).toBeUndefined()
  expect(flawOf(down, page('C', 'B', 'B', 'A'))).toBeUndefined()
  expect(flawOf(up, page('A', 'C', 'B'))).toMatch(/^not sorted by number: A, C, B/)
  expect(flawOf(down, page('A', 'B'))).toMatch(/^not sorted by number/)
})
