// GraphQL over WebSocket: operations by the subprotocol graphql-transport-ws. The same schema, limits and rules as over HTTP.
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, type GraphQLError } from 'graphql'
import { makeServer, type ServerOptions } from 'graphql-ws'
import type { Sender } from '../../engine/twin.ts'
import { ExceptionStream } from '../desk/exception-stream.ts'
import type { executableSchema } from '../executable-schema.ts'
import { type Graph, GraphContext } from '../graph-context.ts'
import { EventStream } from '../live/event-stream.ts'
import type { Telling } from '../live/telling.ts'
import { overLimit, shownError } from '../operations/graph-errors.ts'
import type { OperationText, Preparer } from '../operations/prepare.ts'
import { tellAll } from './teller.ts'

export interface SocketExtra {
  readonly sender: Sender
  /** Those that run on the socket. */
  readonly streams: Set<Telling>
  /** Sends frames as they are. Resolves when the operating system has taken them. */
  readonly sendFrames: (frames: Buffer) => Promise<void>
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
  const channelKey = channelKeys()
  const options: ServerOptions<Record<string, unknown>, SocketExtra> = {
    connectionInitWaitTimeout: initTimeoutMs,
    onSubscribe({ subscriptions, extra }, id, { query, variables, operationName }) {
      const found = Object.keys(subscriptions).length
      if (found > operationsMax) return [overLimit('TOO_MANY_OPERATIONS', 'operations', { most: operationsMax, found })]
      const prepared = preparer.prepare({ query, variables })
      if ('errors' in prepared) return shown(prepared.errors)
      const contextValue = new GraphContext(graph, extra.sender)
      const key = channelKey({ query, variables, operationName }, extra.sender)
      const args: SocketArguments = { schema, document: prepared.document, contextValue, extra, id, key }
      return { ...args, variableValues: variables, operationName }
    },
    subscribe: args => subscribed(args as SocketArguments, shownResult),
    onNext: (_context, _id, _payload, _args, result) => shownResult(result),
    onError: (_context, _id, _payload, errors) => shown(errors).map(error => error.toJSON()),
  }
  return makeServer(options)

  function shownResult({ errors, ...result }: ExecutionResult) {
    // Whatever is told of people is opened here, and nowhere before (E12).
    const opened = graph.twin.opened(result)
    return errors === undefined ? opened : { ...opened, errors: shown(errors).map(error => error.toJSON()) }
  }
}

interface SocketArguments extends ExecutionArgs {
  readonly contextValue: GraphContext
  readonly extra: SocketExtra
  readonly id: string
  /** Of its channel. */
  readonly key: string
}

type Operation = OperationText & { readonly operationName?: string | null }

/**
 * What is told by the same execution has the same key: the operation, its variables, and who asks. Senders are told apart as
 * objects: what a sender may see is nothing that is known here.
 */
function channelKeys(): (operation: Operation, sender: Sender) => string {
  const numbers = new WeakMap<Sender, number>()
  let count = 0
  return ({ operationName, query, variables }, sender) => {
    const number = numbers.get(sender) ?? ++count
    numbers.set(sender, number)
    return JSON.stringify([number, operationName ?? null, variables ?? null, query])
  }
}

/** A subscription tells by itself, in frames of its own; what is iterated is only its end. */
async function subscribed(
  args: SocketArguments,
  shownResult: (result: ExecutionResult) => object,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const telling = await createSourceEventStream(args)
  if (!(telling instanceof EventStream || telling instanceof ExceptionStream)) return telling as ExecutionResult
  const { contextValue, extra, id, key } = args
  // With a context of its own each payload tells the state of its own moment, and keeps nothing of the last.
  const payloadOf = async (rootValue: unknown) => {
    const result = await execute({
      ...args,
      rootValue,
      contextValue: new GraphContext(contextValue.graph, extra.sender),
    })
    return Buffer.from(JSON.stringify(shownResult(result)))
  }
  const told: AsyncIterableIterator<ExecutionResult> = {
    [Symbol.asyncIterator]: () => told,
    // An operation that is completed before it began is ended without being read: whatever has to be left again is joined here.
    async next() {
      const channel = contextValue.graph.channels.join(key)
      extra.streams.add(telling)
      try {
        await tellAll({ id, telling, channel, payloadOf, send: extra.sendFrames })
        return ENDED
      } finally {
        extra.streams.delete(telling)
        channel.leave()
      }
    },
    async return() {
      telling.end()
      return ENDED
    },
  }
  return told
}

const ENDED = { done: true, value: undefined } as const
