// The client process: makes the load, posts it, and tells its parent what came of it.
import { type ClosedLoop, sendClosed } from './closed-loop.ts'
import { type OpenLoop, sendOpen } from './open-loop.ts'

export type { Sent } from './closed-loop.ts'
export type Sending = ClosedLoop | OpenLoop

process.once('message', async (sending: Sending) => {
  process.send?.(await (sending.loop === 'closed' ? sendClosed(sending) : sendOpen(sending)))
})
