/** `/v1` over a world in memory; every answer must be a documented one. */
import { memoryRecords } from '../../../functions/adapters/memory-records.ts'
import type { Sent } from '../../../functions/core/ports.ts'
import { putAdmin } from '../../../functions/core/sign-in.ts'
import type { TestMail } from '../../../functions/core/test-mail.ts'
import { application } from '../../../functions/http/application.ts'
import { requireAdmin } from '../../../functions/http/callers.ts'
import { notFound } from '../../../functions/http/privacyidea/wire.ts'
import type { AdminPorts } from '../../../functions/http/v1/admin-ports.ts'
import { V1_ADMIN_ROUTES } from '../../../functions/http/v1/admin-routes.ts'
import { V1_LOGIN_ROUTES } from '../../../functions/http/v1/login-routes.ts'
import type { SelfPorts } from '../../../functions/http/v1/self/ports.ts'
import { V1_SELF_ROUTES } from '../../../functions/http/v1/self/routes.ts'
import { v1 } from '../../../functions/http/v1/wire.ts'
import { httpClient, type Send } from '../../support/http.ts'
import { memoryParameters } from '../../support/parameters.ts'
import { createWorld, type World, type WorldOptions } from '../../support/world.ts'
import { expectDocumented } from './contract.ts'

export const PASSWORD = 'correct horse battery staple'

export function createApi(options: WorldOptions = {}) {
  const world = createWorld(options)
  const store = memoryParameters({ 'email.mailfrom': 'otp@x.example' }, world.now)
  const testMails: TestMail[] = []
  const records = memoryRecords()
  let mailServer: Sent = { sent: true, reply: '250 ok' }
  const ports: AdminPorts & SelfPorts = {
    ...world.ports,
    ...store.ports,
    records,
    templates: world.templates,
    async sendTestMail(mail) {
      testMails.push(mail)
      return mailServer
    },
  }
  const login = application(ports, [v1(V1_LOGIN_ROUTES, ports)], notFound)
  const admin = application(
    ports,
    [v1(V1_ADMIN_ROUTES, ports, (request) => requireAdmin(ports, request))],
    notFound,
  )
  const self = application(ports, [v1(V1_SELF_ROUTES, ports)], notFound)
  return {
    ...world,
    ...{ world, ports, store, testMails, records, login: checked(login), admin: checked(admin) },
    self: checked(self),
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

/** The authorization header of somebody who has signed in to the self-service by PIN and code. */
export async function selfSession({ self, lastCode }: Api, user = 'alice', pin = '1234') {
  const asked = await self('/v1/self/sessions', { json: { user, pin } })
  const { transaction_id } = asked.json
  const step = { user, transaction_id, otp: lastCode() }
  const { json } = await self('/v1/self/sessions', { json: step })
  return { authorization: `Bearer ${json.session}` }
}
