/** `/v1` over a world in memory; every answer must be a documented one. */
import type { Sent } from '../../../functions/core/ports.ts'
import { putAdmin } from '../../../functions/core/sign-in.ts'
import type { TestMail } from '../../../functions/core/test-mail.ts'
import { application } from '../../../functions/http/application.ts'
import { notFound } from '../../../functions/http/privacyidea/wire.ts'
import type { AdminPorts } from '../../../functions/http/v1/admin-ports.ts'
import { V1_ADMIN_ROUTES } from '../../../functions/http/v1/admin-routes.ts'
import { V1_LOGIN_ROUTES } from '../../../functions/http/v1/login-routes.ts'
import { v1 } from '../../../functions/http/v1/wire.ts'
import { httpClient, type Send } from '../../support/http.ts'
import { memoryParameters } from '../../support/parameters.ts'
import { createWorld, type World, type WorldOptions } from '../../support/world.ts'
import { expectDocumented } from './contract.ts'

export const PASSWORD = 'correct horse battery staple'

export function createApi(options: WorldOptions = {}) {
  const world = createWorld(options)
  const store = memoryParameters({ 'email.mailfrom': 'otp@x.example' })
  const testMails: TestMail[] = []
  let mailServer: Sent = { sent: true, reply: '250 ok' }
  const ports: AdminPorts = {
    ...world.ports,
    ...store.ports,
    async sendTestMail(mail) {
      testMails.push(mail)
      return mailServer
    },
  }
  const login = application(ports, [v1(V1_LOGIN_ROUTES, ports)], notFound)
  const admin = application(ports, [v1(V1_ADMIN_ROUTES, ports)], notFound)
  return {
    ...world,
    ...{ world, ports, store, testMails, login: checked(login), admin: checked(admin) },
    testMailServer: (sent: Sent) => void (mailServer = sent),
  }
}
export type Api = ReturnType<typeof createApi>

function checked(handler: unknown) {
  const call = httpClient(handler)
  return async (path: string, options: Send = {}) => {
    const answer = await call(path, options)
    const sent =
      options.json !== undefined || options.body !== undefined || options.form !== undefined
    const method = options.method ?? (sent ? 'POST' : 'GET')
    if (method !== 'HEAD') expectDocumented(method, path, answer)
    return answer
  }
}

/** A user `alice` with one token and the PIN 1234. */
export async function addAlice({ addUser, enrol }: World, serial = 'EM00000001') {
  return enrol(await addUser('alice'), { serial })
}

/** An administrator's authorization header. */
export async function signedIn({ ports, admin }: Api) {
  await putAdmin(ports, 'root', PASSWORD)
  const { json } = await admin('/v1/sessions', { json: { username: 'root', password: PASSWORD } })
  return { authorization: `Bearer ${json.token}` }
}
