// Prepared bytes straight to ws: each change is serialised once and the same bytes go to every socket, a send for each. It knows no
// operations, no variables and no slow readers; what it does not do either is write several changes at once (decision 0016).
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Feed } from './feed.ts'

export async function preparedFeed(): Promise<Feed> {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, path: '/graphql', handleProtocols: () => 'graphql-transport-ws' })
  sockets.on('connection', socket => {
    // It answers the opening message and takes whatever is subscribed to for the one thing it has.
    socket.once('message', () => socket.send('{"type":"connection_ack"}'))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async publish(changes) {
      for (const change of changes) {
        const bytes = Buffer.from(
          JSON.stringify({ id: '1', type: 'next', payload: { data: { ordersChanged: change } } }),
        )
        for (const socket of sockets.clients) socket.send(bytes, { binary: false })
      }
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      http.close()
    },
  }
}
