// GraphQL over HTTP: /graphql takes a query by GET and anything but a subscription by POST. Mercurius executes; what may be
// executed is settled before (operations/), and how it is answered follows the GraphQL-over-HTTP specification.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type DocumentNode, GraphQLError, getOperationAST } from 'graphql'
import { mercurius } from 'mercurius'
import { mayHoldToken } from '../../engine/sealing/token.ts'
import { type executableSchema, SDL } from '../executable-schema.ts'
import { type Graph, GraphContext } from '../graph-context.ts'
import { graphError, shownError } from '../operations/graph-errors.ts'
import { hasSubscription, type Preparer } from '../operations/prepare.ts'
import { Refusal } from '../problems.ts'
import type { Face } from './face.ts'
import { GRAPHQL_TYPE, JSON_TYPE, readParameters, responseType } from './graphql-request.ts'
import { readJson } from './strict-json.ts'

export interface GraphRoutes {
  readonly graph: Graph
  readonly schema: ReturnType<typeof executableSchema>
  readonly preparer: Preparer
}

// 256: what Mercurius keeps of texts it has parsed; ours keeps as many.
const CACHED_TEXTS = 256

export function graphqlRoutes(app: FastifyInstance, face: Face, { graph, schema, preparer }: GraphRoutes): void {
  app.get('/graphql/schema.graphql', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(SDL))
  app.register(async scope => {
    scope.register(mercurius, {
      schema,
      routes: false,
      cache: CACHED_TEXTS,
      errorFormatter: ({ data, errors = [] }) => ({
        statusCode: 200,
        response: { data: data ?? null, errors: errors.map(error => shownError(error as GraphQLError, face.report)) },
      }),
    })
    takeJson(scope)
    const serve = (request: FastifyRequest, reply: FastifyReply) =>
      serveOperation(request, reply, { graph, preparer, face })
    scope.post('/graphql', serve)
    scope.get('/graphql', serve)
  })
}

/** Bodies are JSON, read as strictly as events. */
function takeJson(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (_request, body, done) => {
    const { values, flaws } = readJson(body as Buffer)
    const flaw = flaws.get(0)
    if (flaw === undefined) done(null, values[0])
    else done(new Refusal('bad_request', `the body ${flaw}`))
  })
}

interface Serving {
  readonly graph: Graph
  readonly preparer: Preparer
  readonly face: Face
}

async function serveOperation(request: FastifyRequest, reply: FastifyReply, serving: Serving): Promise<void> {
  const type = responseType(request.headers.accept)
  reply.type(`${type}; charset=utf-8`)
  const parameters = readParameters(request)
  if ('flaw' in parameters) return refuse(reply, 400, [graphError('BAD_ARGUMENT', parameters.flaw)])
  const { query, variables, operationName } = parameters
  const prepared = serving.preparer.prepare({ query, variables })
  const errors = 'errors' in prepared ? prepared.errors : notForHttp(prepared.document, operationName, request.method)
  // Who takes plain JSON gets 200 for whatever was well-formed; the newer type tells it apart by status.
  const status = type === GRAPHQL_TYPE ? 400 : 200
  const shown = (found: readonly GraphQLError[]) => found.map(error => shownError(error, serving.face.report))
  if (errors.length > 0) return refuse(reply, isMutationByGet(errors) ? 405 : status, shown(errors))
  try {
    const context = new GraphContext(serving.graph, request.sender)
    const result = await reply.graphql(query, context as never, variables ?? undefined, operationName ?? undefined)
    // Whatever is told of people is opened here, and nowhere before (E12).
    const told = JSON.stringify(result)
    reply.send(mayHoldToken(told) ? JSON.stringify(serving.graph.twin.opened(result)) : told)
  } catch (error) {
    const found = requestErrors(error)
    if (found === undefined) throw error
    refuse(reply, status, shown(found))
  }
}

const MUTATION_BY_GET = 'a mutation is sent by POST'

function notForHttp(
  document: DocumentNode,
  operationName: string | null | undefined,
  method: string,
): readonly GraphQLError[] {
  if (hasSubscription(document)) return [graphError('SUBSCRIPTION_OVER_HTTP')]
  const operation = getOperationAST(document, operationName)
  if (operation == null) return [graphError('INVALID', 'operationName names no operation of the document')]
  const isByGet = method === 'GET' && operation.operation === 'mutation'
  return isByGet ? [graphError('INVALID', MUTATION_BY_GET)] : []
}

const isMutationByGet = ([error]: readonly GraphQLError[]): boolean => error?.message.endsWith(MUTATION_BY_GET) ?? false

/** What Mercurius throws for a request it does not execute: variables that do not fit. */
function requestErrors(error: unknown): readonly GraphQLError[] | undefined {
  const errors = (error as { errors?: unknown }).errors
  if (!Array.isArray(errors)) return undefined
  return errors.every(each => each instanceof GraphQLError) ? errors : undefined
}

function refuse(reply: FastifyReply, status: number, errors: readonly GraphQLError[]): void {
  if (status === 405) reply.header('allow', 'POST')
  reply.code(status).send(JSON.stringify({ errors }))
}
