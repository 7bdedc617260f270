// The scalars of the schema: how each is written and read. What does not fit is a request error, never a guess.
import { type GraphQLScalarType, Kind, type ObjectValueNode, type ValueNode } from 'graphql'
import { instantMs, isoTime } from '../machines/time.ts'
import { graphError } from './operations/graph-errors.ts'

type ScalarParts = Partial<Pick<GraphQLScalarType, 'serialize' | 'parseValue' | 'parseLiteral'>>

/** Epoch milliseconds inside, RFC 3339 outside. */
const DateTime: ScalarParts = {
  serialize: value => isoTime(value as number),
  parseValue: value => timeOf(value),
  parseLiteral: node => timeOf(node.kind === Kind.STRING ? node.value : undefined),
}

function timeOf(value: unknown): number {
  const ms = typeof value === 'string' ? instantMs(value) : undefined
  if (ms === undefined)
    throw graphError('BAD_ARGUMENT', 'a DateTime is RFC 3339 with offset, such as 2026-11-21T10:00:00+01:00')
  return ms
}

/** Text inside and outside. */
const Decimal: ScalarParts = { serialize: String }

const Long: ScalarParts = {
  serialize: value => wholeNumber(value),
  parseValue: value => wholeNumber(value),
  parseLiteral: node => wholeNumber(node.kind === Kind.INT ? Number(node.value) : undefined),
}

function wholeNumber(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw graphError('BAD_ARGUMENT', 'a Long is a whole number of at most 2^53-1')
  return value as number
}

const Json: ScalarParts = {
  serialize: value => value,
  parseValue: value => value,
  parseLiteral: (node, variables) => literalValue(node, variables ?? {}),
}

function literalValue(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.LIST:
      return node.values.map(each => literalValue(each, variables))
    case Kind.OBJECT:
      return literalObject(node, variables)
    case Kind.NULL:
      return null
    case Kind.VARIABLE:
      return variables[node.name.value]
  }
}

function literalObject({ fields }: ObjectValueNode, variables: Readonly<Record<string, unknown>>): object {
  const forbidden = fields.find(({ name }) => name.value === '__proto__' || name.value === 'constructor')
  if (forbidden !== undefined) throw graphError('BAD_ARGUMENT', `no key may be named ${forbidden.name.value}`)
  return Object.fromEntries(fields.map(({ name, value }) => [name.value, literalValue(value, variables)]))
}

export const SCALARS: Readonly<Record<string, ScalarParts>> = { DateTime, Decimal, Long, JSON: Json }
