// Limits on an operation's text, as validation rules: they run before the rules of the specification, some of which take
// time that grows with the square of the text. Every rule is linear: a fragment is looked at once, however often it is spread.
import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'
import type { GraphLimits } from '../graph-limits.ts'
import { graphError, overLimit } from './graph-errors.ts'

/** The rules, in the order in which their errors are told. */
export const limitRules = (limits: GraphLimits): readonly ValidationRule[] => [
  context => aliases(context, limits),
  context => directives(context, limits),
  context => depth(context, limits),
  context => strings(context),
]

/** Every aliased field counts, `__typename` too. */
function aliases(context: ValidationContext, { aliasesMax }: GraphLimits): ASTVisitor {
  return counting(context, { code: 'TOO_MANY_ALIASES', limit: 'aliases', most: aliasesMax }, count => ({
    Field: node => {
      if (node.alias !== undefined) count()
    },
  }))
}

function directives(context: ValidationContext, { directivesMax }: GraphLimits): ASTVisitor {
  return counting(context, { code: 'TOO_MANY_DIRECTIVES', limit: 'directives', most: directivesMax }, count => ({
    Directive: () => count(),
  }))
}

interface Bound {
  readonly code: 'TOO_MANY_ALIASES' | 'TOO_MANY_DIRECTIVES'
  readonly limit: string
  readonly most: number
}

function counting(context: ValidationContext, bound: Bound, visitor: (count: () => void) => ASTVisitor): ASTVisitor {
  let found = 0
  return {
    ...visitor(() => void found++),
    Document: {
      leave: () => {
        if (found > bound.most) context.reportError(overLimit(bound.code, bound.limit, { most: bound.most, found }))
      },
    },
  }
}

function depth(context: ValidationContext, limits: GraphLimits): ASTVisitor {
  return {
    Document: document => {
      const depths = new Depths(document)
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.OPERATION_DEFINITION) continue
        const found = depths.of(definition.selectionSet)
        const tooDeep = (limit: string, most: number, deepest: number) =>
          deepest > most &&
          context.reportError(overLimit('TOO_DEEP', limit, { most, found: deepest, nodes: definition }))
        tooDeep('depth', limits.depthMax, found.ours)
        tooDeep('introspection depth', limits.introspectionDepthMax, found.introspection)
      }
      return false
    },
  }
}

interface Depth {
  readonly ours: number
  /** Of the parts below `__schema` and `__type`. */
  readonly introspection: number
}
const FLAT: Depth = { ours: 0, introspection: 0 }

/** How deep selections nest; fragments are followed, each once. A cycle counts as flat: another rule refuses it. */
class Depths {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  private readonly known = new Map<string, Depth>()

  constructor(document: DocumentNode) {
    const named = document.definitions.filter(each => each.kind === Kind.FRAGMENT_DEFINITION)
    this.fragments = new Map(named.map(each => [each.name.value, each]))
  }

  of(set: SelectionSetNode | undefined): Depth {
    if (set === undefined) return FLAT
    return set.selections.reduce<Depth>((deepest, selection) => {
      if (selection.kind === Kind.FIELD) return deeper(deepest, this.ofField(selection))
      if (selection.kind === Kind.INLINE_FRAGMENT) return deeper(deepest, this.of(selection.selectionSet))
      return deeper(deepest, this.ofFragment(selection.name.value))
    }, FLAT)
  }

  private ofField({ name, selectionSet }: FieldNode): Depth {
    const { ours, introspection } = this.of(selectionSet)
    if (name.value === '__schema' || name.value === '__type') return { ours: 0, introspection: ours + 1 }
    return { ours: ours + 1, introspection }
  }

  private ofFragment(name: string): Depth {
    const known = this.known.get(name)
    if (known !== undefined) return known
    this.known.set(name, FLAT)
    const found = this.of(this.fragments.get(name)?.selectionSet)
    this.known.set(name, found)
    return found
  }
}

const deeper = (a: Depth, b: Depth): Depth => ({
  ours: Math.max(a.ours, b.ours),
  introspection: Math.max(a.introspection, b.introspection),
})

/** What strict JSON refuses in variables is refused in the text too. */
function strings(context: ValidationContext): ASTVisitor {
  return {
    StringValue: node => {
      if (node.value.includes('\0') || !node.value.isWellFormed())
        context.reportError(graphError('BAD_TEXT', undefined, { nodes: node }))
    },
  }
}
