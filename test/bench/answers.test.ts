// Answers to the bench's questions: those that do not say what they must are found out.
import { expect, test } from 'vitest'
import { flawOf } from '../../bench/clients/answers.ts'

const page = (...numbers: readonly string[]) =>
  JSON.stringify({ data: { orders: { totalCount: numbers.length, nodes: numbers.map(number => ({ number })) } } })

test('an answer must contain all that it is to say', () => {
  expect(flawOf({ says: ['"totalCount":2,', 'B'] }, page('A', 'B'))).toBeUndefined()
  expect(flawOf({ says: ['A', '"totalCount":3,'] }, page('A', 'B'))).toMatch(/^"totalCount":3, is not in/)
})

test('a page must be sorted as it was asked for', () => {
  const by = (descending: boolean, nodes: number) =>
    ({ says: [], page: { nodes, sorted: { by: 'number', descending } } }) as const
  expect(flawOf(by(false, 4), page('A', 'B', 'B', 'C'))).toBeUndefined()
  expect(flawOf(by(true, 4), page('C', 'B', 'B', 'A'))).toBeUndefined()
  expect(flawOf(by(false, 3), page('A', 'C', 'B'))).toMatch(/^not sorted by number: A, C, B/)
  expect(flawOf(by(true, 2), page('A', 'B'))).toMatch(/^not sorted by number/)
})

test('a page must have as many orders as there are, and no more than it may', () => {
  expect(flawOf({ says: [], page: { nodes: 2 } }, page('B', 'A'))).toBeUndefined()
  expect(flawOf({ says: [], page: { nodes: 2 } }, page())).toBe('0 orders on a page, not 2')
})
