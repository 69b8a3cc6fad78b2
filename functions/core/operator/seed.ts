/** The demo's users, for a fresh stack on a laptop. */
import { enrolToken } from '../enrol-token.ts'
import { putAdmin } from '../sign-in.ts'
import { addUser } from '../users.ts'
import { readArguments } from './arguments.ts'
import { isLocal } from './fields.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { done, refused } from './reply.ts'
import { accountOf } from './subject.ts'

const REALM = 'demo'
const ALICE = { login: 'alice', realm: REALM }
const SERIAL = 'EM00000001'
const PIN = '1234'
const ADMIN = { name: 'admin', password: 'admin' }

/** Makes what is missing of the demo and leaves alone what is there. */
export const seed: Command = async (ports, args) => {
  readArguments(args, {})
  if (!isLocal(ports.stage)) {
    return refused('conflict', 'The demo has well-known passwords: it is for the stage local only.')
  }
  await addUser(ports, REALM, 'alice', { email: 'alice@example.org', givenname: 'Alice' })
  await addUser(ports, REALM, 'bob', { email: 'bob@example.org' })
  await enrolAlice(ports)
  if (!(await ports.admins.get(ADMIN.name))) await putAdmin(ports, ADMIN.name, ADMIN.password)
  return done({ realm: REALM, users: ['alice', 'bob'], serial: SERIAL, admin: ADMIN.name })
}

async function enrolAlice(ports: OperatorPorts): Promise<void> {
  const account = await accountOf(ports, ALICE)
  if (!account || account.tokens[SERIAL]) return
  await enrolToken(ports, { account, serial: SERIAL, pin: PIN })
}
