// Cost: how many objects an operation may reach, told before it runs from its text and variables. And what its arguments
// ask for: pages and lists within their limits.
//   A field that brings an object costs one; a connection costs what its page holds, a plain list what is usual for it;
//   everything below counts that often. A fragment is costed once, however often it is spread.
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql'
import type { GraphLimits } from '../graph-limits.ts'
import { overLimit } from './graph-errors.ts'

type Variables = Readonly<Record<string, unknown>>

export interface Costed {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly variables: Variables
}

/** What is wrong with what the document asks for; undefined when nothing is. The document must have passed validation. */
export function costError(costed: Costed, limits: GraphLimits): GraphQLError | undefined {
  try {
    for (const definition of costed.document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue
      const variables = { ...defaultsOf(definition), ...costed.variables }
      const type = costed.schema.getRootType(definition.operation)
      const found = Math.ceil(new Costs({ ...costed, variables }, limits).of(definition.selectionSet, type?.name))
      if (found > limits.costMax) return overLimit('TOO_COSTLY', 'cost', { most: limits.costMax, found })
    }
    return undefined
  } catch (error) {
    if (error instanceof OverLimit) return error.error
    throw error
  }
}

const defaultsOf = ({ variableDefinitions = [] }: OperationDefinitionNode): Variables =>
  Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)]],
    ),
  )

class OverLimit extends Error {
  readonly error: GraphQLError
  constructor(error: GraphQLError) {
    super(error.message)
    this.error = error
  }
}

// 5: lines, shipments and events of a usual order; what a list really brings is counted again while it is made.
const USUAL_LIST = 5
const PAGE_DEFAULT = 50
/** Fields of a connection below which everything comes once per element. */
const ELEMENTS = ['edges', 'nodes']

class Costs {
  private readonly schema: GraphQLSchema
  private readonly variables: Variables
  private readonly limits: GraphLimits
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  private readonly known = new Map<string, number>()

  constructor({ schema, document, variables }: Costed, limits: GraphLimits) {
    this.schema = schema
    this.variables = variables
    this.limits = limits
    const named = document.definitions.filter(each => each.kind === Kind.FRAGMENT_DEFINITION)
    this.fragments = new Map(named.map(each => [each.name.value, each]))
  }

  of(set: SelectionSetNode | undefined, typeName: string | undefined): number {
    if (set === undefined) return 0
    return set.selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + this.ofField(selection, typeName)
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + this.ofFragment(selection.name.value)
      return sum + this.of(selection.selectionSet, selection.typeCondition?.name.value ?? typeName)
    }, 0)
  }

  private ofFragment(name: string): number {
    const known = this.known.get(name)
    if (known !== undefined) return known
    const fragment = this.fragments.get(name)
    const cost = this.of(fragment?.selectionSet, fragment?.typeCondition.name.value)
    this.known.set(name, cost)
    return cost
  }

  private ofField(node: FieldNode, typeName: string | undefined): number {
    const parent = typeName === undefined ? undefined : this.schema.getType(typeName)
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined
    if (field === undefined) return 0
    const args = this.argumentsOf(node)
    const named = getNamedType(field.type)
    if (!isCompositeType(named)) return 0
    const below = this.of(node.selectionSet, named.name)
    if (named.name.endsWith('Connection')) return 1 + this.page(args) * below
    // The elements of a connection were counted by its page.
    if (typeName?.endsWith('Connection') && ELEMENTS.includes(node.name.value)) return 1 + below
    return this.count(field.type, args) * (1 + below)
  }

  private count(type: GraphQLOutputType, args: Variables): number {
    const bare = isNonNullType(type) ? type.ofType : type
    if (!isListType(bare)) return 1
    return Array.isArray(args.events) ? args.events.length : Math.min(this.page(args), USUAL_LIST)
  }

  private page({ first }: Variables): number {
    return typeof first === 'number' ? Math.max(1, first) : PAGE_DEFAULT
  }

  private argumentsOf(node: FieldNode): Variables {
    const values = (node.arguments ?? []).map(each => [each.name.value, this.valueOf(each)] as const)
    return Object.fromEntries(values)
  }

  private valueOf(argument: ArgumentNode): unknown {
    const { pageMax, eventsMax, listMax } = this.limits
    const value = valueFromASTUntyped(argument.value, this.variables)
    if (argument.name.value === 'first' && typeof value === 'number' && value > pageMax)
      throw new OverLimit(overLimit('PAGE_TOO_LARGE', 'page', { most: pageMax, found: value, nodes: argument }))
    const isEvents = argument.name.value === 'events'
    const [longest, most] = isEvents ? [lengthOf(value), eventsMax] : [longestIn(value), listMax]
    if (longest > most)
      throw new OverLimit(
        overLimit('LIST_TOO_LONG', isEvents ? 'events' : 'list', { most, found: longest, nodes: argument }),
      )
    return value
  }
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0)

/** The length of the longest list in an argument. Variables were read from JSON of bounded depth. */
function longestIn(value: unknown): number {
  if (Array.isArray(value)) return value.length
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce<number>((longest, each) => Math.max(longest, longestIn(each)), 0)
}
