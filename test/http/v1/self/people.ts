/** People at the self-service: how they sign in, and what they ask for. */
import type { Send } from '../../../support/http.ts'
import { addAlice, type Api, createApi } from '../api.ts'

export const PIN = '1234'
export const MINUTE = 60_000
export const ENROL = { 'policies/own': policy('enrollEMAIL, setpin, enable, disable, revoke') }

/** A policy that grants users these rights. */
export function policy(action: string, extra: object = {}) {
  return JSON.stringify({ scope: 'user', action, ...extra })
}

/** A world with `alice`, her token `EM00000001`, and no limit on mails. */
export async function createSelf(settings: Record<string, string> = {}) {
  const noLimits = { 'mail.per_hour': '0', 'mail.per_day': '0', 'registration.per_hour': '0' }
  const api = createApi({ settings: { ...noLimits, ...settings } })
  await addAlice(api.world)
  return api
}

/** Requests of somebody with a session. */
export const holding = ({ self }: Pick<Api, 'self'>, session: string) => {
  const headers = { authorization: `Bearer ${session}` }
  const call = (path: string, options: Send = {}) =>
    self(`/v1/self${path}`, { ...options, headers: { ...headers, ...options.headers } })
  return {
    get: (path: string, query = '') => call(path, { query }),
    post: (path: string, json?: object) => call(path, { method: 'POST', json }),
    put: (path: string, json?: object) => call(path, { method: 'PUT', json }),
    remove: (path: string) => call(path, { method: 'DELETE' }),
    session,
  }
}
export type Holder = ReturnType<typeof holding>

/** The first step of a sign-in. */
export const asks = ({ self }: Api, user = 'alice', pin = PIN) =>
  self('/v1/self/sessions', { json: { user, pin } })

/** A whole sign-in by PIN and code. */
export async function signsIn(api: Api, user = 'alice', pin = PIN): Promise<Holder> {
  const { json: asked } = await asks(api, user, pin)
  const step = { user, transaction_id: asked.transaction_id, otp: api.lastCode() }
  const { status, json } = await api.self('/v1/self/sessions', { json: step })
  if (status !== 201) throw new Error(JSON.stringify(json))
  return holding(api, json.session)
}

/** The token of `alice`, and that of `bob`. */
export const SERIAL = 'EM00000001'
export const OTHER = 'EM0000000B'

/** A world with `alice`, who has signed in, and `bob`, whose PIN is his name. */
export async function createOwners() {
  const api = await createSelf()
  await api.enrol(await api.addUser('bob'), { serial: OTHER, pin: 'bob' })
  const logsIn = (user: string, pin: string) => api.login('/v1/challenges', { json: { user, pin } })
  return { api, alice: await signsIn(api), logsIn }
}
export type Owners = Awaited<ReturnType<typeof createOwners>>

/** The PIN and the code once more. */
export async function reauthenticates(api: Api, holder: Holder, pin = PIN): Promise<Holder> {
  const { json: asked } = await holder.post('/reauthentications', { pin })
  const step = { transaction_id: asked.transaction_id, otp: api.lastCode() }
  const { status, json } = await holder.post('/reauthentications', step)
  if (status !== 201) throw new Error(JSON.stringify(json))
  return holding(api, json.session)
}

export const problemType = (code: string) => `urn:otpost:problem:${code}`
