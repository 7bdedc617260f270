// The schema in use: the SDL of schema.graphql with scalars, resolvers and subscriptions put in. Made once.
import { readFileSync } from 'node:fs'
import {
  buildSchema,
  GraphQLEnumType,
  type GraphQLFieldResolver,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLScalarType,
  type GraphQLSchema,
} from 'graphql'
import type { Resolvers } from './graph-context.ts'
import { RESOLVERS, SUBSCRIPTIONS, typeOfNode } from './resolvers/resolvers.ts'
import { SCALARS } from './scalars.ts'

const sdlFile = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

export const SDL = `${sdlFile('./schema.graphql')}\n${sdlFile('./desk.graphql')}\n${sdlFile('./erasure.graphql')}`

export function executableSchema(): GraphQLSchema {
  const schema = buildSchema(SDL)
  for (const [name, parts] of Object.entries(SCALARS)) {
    const scalar = schema.getType(name)
    if (!(scalar instanceof GraphQLScalarType)) throw new Error(`schema: ${name} is no scalar`)
    Object.assign(scalar, parts)
  }
  for (const [name, fields] of Object.entries(RESOLVERS)) addResolvers(schema, name, fields, 'resolve')
  addResolvers(schema, 'Subscription', SUBSCRIPTIONS, 'subscribe')
  const node = schema.getType('Node')
  if (node instanceof GraphQLInterfaceType) node.resolveType = typeOfNode
  nameThirdParty(schema)
  return schema
}

function addResolvers(schema: GraphQLSchema, name: string, resolvers: Resolvers, role: 'resolve' | 'subscribe'): void {
  const type = schema.getType(name)
  if (!(type instanceof GraphQLObjectType)) throw new Error(`schema: ${name} is no object type`)
  for (const [field, resolver] of Object.entries(resolvers)) {
    const known = type.getFields()[field]
    if (known === undefined) throw new Error(`schema: ${name} has no field ${field}`)
    known[role] = resolver as GraphQLFieldResolver<unknown, unknown>
  }
}

/** No name in GraphQL starts with a digit: the role `3pl` has a longer one there. */
function nameThirdParty(schema: GraphQLSchema): void {
  const role = schema.getType('Role')
  const value = role instanceof GraphQLEnumType ? role.getValue('third_party_logistics') : undefined
  if (!(role instanceof GraphQLEnumType) || value == null) throw new Error('schema: Role has no third_party_logistics')
  value.value = '3pl'
}
