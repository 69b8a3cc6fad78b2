/** People who register and change addresses over HTTP, and the administrator who looks at them. */
import { type Stored, storedItems } from './support-rows.ts'
import type { Answer, Form } from './support-http.ts'
import { adminSession, startTestStack } from './support.ts'
import type { TestStack, User } from './support.ts'

/** PIN of tokens, and password of users who have none. */
export const PIN = '1234'
export const PASSWORD = 'of the directory'

export type RegistrationWorld = {
  world: TestStack
  /** Of the administrator's session. */
  headers: Form
  stored: Stored
  admin(method: string, path: string, body: object): Promise<Answer>
  /** A user as an administrator sees them. */
  userOf(user: string): Promise<any>
  self(method: string, path: string, body: object, session?: string): Promise<Answer>
  confirm(session: string, transactionId: string, otp: string): Promise<Answer>
  /** A user with a token, whose address an administrator has vouched for. */
  verified(): Promise<User>
  /** A user with a password, no address and no token, signed in to register one. */
  newcomer(): Promise<{ user: string; session: string }>
  /** Asks for an address; the transaction, and the code that came there. */
  asksFor(session: string, address: string): Promise<{ id: string; code: string }>
}

/** Starts a stack in which nothing is mailed to an address that is not proven. */
export async function startRegistrationWorld(
  parameters: Record<string, string> = {},
): Promise<RegistrationWorld> {
  const world = await startTestStack({
    parameters: {
      'address.check_domain': 'off',
      'email.require_verified': 'true',
      'policies/own': JSON.stringify({
        scope: 'user',
        action: { enrollEMAIL: true, setpin: true },
      }),
      ...parameters,
    },
  })
  const headers = await adminSession(world)
  const bearer = (session: string) => ({ authorization: `Bearer ${session}` })
  const { authorization = '' } = headers
  const admin: RegistrationWorld['admin'] = (method, path, body) =>
    world.api.json(method, path, body, bearer(authorization))
  const self: RegistrationWorld['self'] = (method, path, body, session) =>
    world.api.json(method, `/v1/self${path}`, body, session ? bearer(session) : {})
  const expected = (answer: Answer, status: number): Answer => {
    if (answer.status !== status) throw new Error(`${answer.status} ${answer.text}`)
    return answer
  }
  return {
    ...{ world, headers, admin, self, stored: storedItems(world) },
    async userOf(user) {
      return (await world.api.get(`/v1/users/demo/${user}`, {}, bearer(authorization))).json
    },
    confirm: (session, transaction_id, otp) =>
      self('POST', '/address/confirmations', { transaction_id, otp }, session),
    async verified() {
      const person = await world.addUser(PIN)
      const { user, email } = person
      const vouched = await admin('PUT', `/v1/users/demo/${user}/address`, { address: email })
      expected(vouched, 200)
      return person
    },
    async newcomer() {
      const user = `new-${(await world.addUser()).user}`
      expected(await world.api.post('/user/', { user, password: PASSWORD }, headers), 200)
      const signed = await self('POST', '/sessions', { user, pin: PASSWORD })
      return { user, session: expected(signed, 201).json.session as string }
    },
    async asksFor(session, address) {
      const asked = expected(await self('POST', '/address', { address }, session), 202)
      return { id: asked.json.transaction_id, code: await world.nextCode(address) }
    },
  }
}
