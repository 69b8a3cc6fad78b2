/** Running sessions in place of recorded ones. */
import { randomBytes } from 'node:crypto'
import type { Ports } from '../../functions/core/ports.ts'
import { ADMIN_RIGHTS, issueSession } from '../../functions/core/sign-in.ts'
import { ADMIN, REALM } from './people.ts'

export type Sessions = {
  /** A recorded header's value with every `jwt:<who>` replaced by that one's session. */
  in(header: string): string
  admin: string
}

type SessionPorts = Pick<Ports, 'keyring' | 'now' | 'random'>

/** Signs a session for everybody who had one in the recording. */
export async function startSessions(ports: SessionPorts): Promise<Sessions> {
  const admin = { username: ADMIN.name, role: 'admin', rights: ADMIN_RIGHTS } as const
  const user = (username: string) => issueSession(ports, { username, role: 'user', realm: REALM })
  const strange = { ...ports, keyring: { key: async () => randomBytes(32) } }
  const sessions: Record<string, string> = {
    admin: await issueSession(ports, admin),
    expired: await issueSession(ports, { ...admin, seconds: -1 }),
    forged: await issueSession(strange, admin),
    alice: await user('alice'),
    bob: await user('bob'),
    carol: await user('carol'),
  }
  return {
    admin: sessions.admin!,
    in: (header) => header.replace(/jwt:(\w+)/, (_, who: string) => sessions[who]!),
  }
}
