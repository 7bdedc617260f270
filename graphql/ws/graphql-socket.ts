// GraphQL over WebSocket: operations by the subprotocol graphql-transport-ws. The same schema, limits and rules as over HTTP.
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, type GraphQLError } from 'graphql'
import { makeServer, type ServerOptions } from 'graphql-ws'
import type { Sender } from '../../engine/twin.ts'
import { ExceptionStream } from '../desk/exception-stream.ts'
import type { executableSchema } from '../executable-schema.ts'
import { type Graph, GraphContext } from '../graph-context.ts'
import { EventStream } from '../live/event-stream.ts'
import { overLimit, shownError } from '../operations/graph-errors.ts'
import type { Preparer } from '../operations/prepare.ts'

/** A stream that can be resumed at a cursor: after the last payload that was handed to the socket. */
export interface Resumable {
  readonly resumeAt: string
  return(): Promise<unknown>
}

export interface SocketExtra {
  readonly sender: Sender
  /** Those that run on the socket. */
  readonly streams: Set<Resumable>
}

export interface GraphSocket {
  readonly graph: Graph
  readonly schema: ReturnType<typeof executableSchema>
  readonly preparer: Preparer
  readonly report: (error: unknown) => void
}

/** A graphql-ws server; sockets are opened on it by socket-routes.ts. */
export function graphSocketServer({ graph, schema, preparer, report }: GraphSocket) {
  const { initTimeoutMs, operationsMax } = graph.socketLimits
  const shown = (errors: readonly GraphQLError[]) => errors.map(error => shownError(error, report))
  const options: ServerOptions<Record<string, unknown>, SocketExtra> = {
    connectionInitWaitTimeout: initTimeoutMs,
    onSubscribe({ subscriptions, extra }, _id, { query, variables, operationName }) {
      const found = Object.keys(subscriptions).length
      if (found > operationsMax) return [overLimit('TOO_MANY_OPERATIONS', 'operations', { most: operationsMax, found })]
      const prepared = preparer.prepare({ query, variables })
      if ('errors' in prepared) return shown(prepared.errors)
      const contextValue = new GraphContext(graph, extra.sender)
      const args: SocketArguments = { schema, document: prepared.document, contextValue, streams: extra.streams }
      return { ...args, variableValues: variables, operationName }
    },
    subscribe: args => subscribed(args as SocketArguments),
    onNext: (_context, _id, _payload, _args, { errors, ...result }) =>
      errors === undefined ? undefined : { ...result, errors: shown(errors).map(error => error.toJSON()) },
    onError: (_context, _id, _payload, errors) => shown(errors).map(error => error.toJSON()),
  }
  return makeServer(options)
}

interface SocketArguments extends ExecutionArgs {
  readonly contextValue: GraphContext
  readonly streams: Set<Resumable>
}

/** Each payload is executed with a context of its own: it tells the state of its own moment, and keeps nothing of the last. */
async function subscribed(args: SocketArguments): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args)
  if (!(source instanceof EventStream || source instanceof ExceptionStream)) return source as ExecutionResult
  const { graph, sender } = args.contextValue
  args.streams.add(source)
  const results: AsyncIterableIterator<ExecutionResult> = {
    [Symbol.asyncIterator]: () => results,
    next: () => source.next().then(told, lost),
    async return() {
      args.streams.delete(source)
      await source.return()
      return ENDED
    },
  }
  const told = async ({
    done,
    value,
  }: IteratorResult<unknown, undefined>): Promise<IteratorResult<ExecutionResult>> => {
    if (done) return results.return?.() ?? ENDED
    const contextValue = new GraphContext(graph, sender)
    return { done: false, value: await execute({ ...args, rootValue: value, contextValue }) }
  }
  const lost = (error: unknown) => {
    args.streams.delete(source)
    throw error
  }
  return results
}

const ENDED = { done: true, value: undefined } as const
