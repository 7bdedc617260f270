// Who may reach a server that asks for no credentials: this machine only.
import { isIP } from 'node:net'

/** Whether `host` names this machine's loopback: `localhost`, 127.0.0.0/8 or ::1, in brackets or not. */
export function isLoopback(host: string): boolean {
  // The usual ones, without a closer look: this is asked with every request.
  if (host === '127.0.0.1' || host === 'localhost') return true
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

/** Someone asked to serve a network without saying who may send. */
export class UnsafeHost extends Error {
  readonly code = 'unsafe_host'
  constructor(host: string) {
    super(
      `Will not listen on ${host}: other machines could reach it and no credentials are configured. ` +
        'Configure credentials, or listen on 127.0.0.1.',
    )
  }
}
