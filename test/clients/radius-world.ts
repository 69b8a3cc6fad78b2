/** The whole service that demands API keys, TLS in front of it, and FreeRADIUS in front of that. */
import { setTimeout } from 'node:timers/promises'
import { listOfKeys } from '../../functions/core/api-key.ts'
import { type Certificates, makeCertificates } from '../adapters/certificates.ts'
import { startTestStack, type TestStack } from '../stack/support.ts'
import { type Freeradius, startFreeradius } from './freeradius.ts'
import { type Front, startFront } from './front.ts'

export type RadiusWorld = {
  world: TestStack
  certificates: Certificates
  front: Front
  apiKey: string
  radius: Freeradius
  stop(): Promise<void>
}

/** Starts them all. The service tells the realm of whom it lets in. */
export async function startRadiusWorld(): Promise<RadiusWorld> {
  const certificates = await makeCertificates(['127.0.0.1'])
  const told = { scope: 'authorization', action: 'add_resolver_in_response' }
  const world = await startTestStack({
    parameters: { api_key_required: 'true', 'policies/realm': JSON.stringify(told) },
  })
  const front = await startFront(world.stack.api, certificates.server)
  const halt = async () => {
    await front.stop()
    await world.stack.stop()
  }
  try {
    const apiKey = await newKey(world)
    const radius = await startFreeradius({ api: front.url, ca: certificates.ca, apiKey })
    const stop = () => radius.stop().then(halt)
    return { world, certificates, front, apiKey, radius, stop }
  } catch (error) {
    await halt()
    throw error
  }
}

type Made = { value: { key: string; id: string; expires_at: string } }

/** A key that the settings list, as `npx otpost apikey create` makes it, and that is in force. */
async function newKey(world: TestStack): Promise<string> {
  const command = { command: 'apikey.create', args: { name: 'radius', days: 365 } }
  const { value } = (await world.stack.invoke('otpost-local-operator', command)) as Made
  const until = Date.parse(value.expires_at) / 1000
  await world.stack.parameters.set({
    api_keys: listOfKeys([{ name: 'radius', id: value.id, until }]),
  })
  const latest = Date.now() + 20_000
  while ((await statusOf(world, { authorization: value.key })) === 403) {
    if (Date.now() > latest) throw new Error('The new API key is not in force.')
    await setTimeout(200)
  }
  return value.key
}

/** What the service itself answers to nobody it knows. */
export async function statusOf(
  { api }: TestStack,
  headers: Record<string, string>,
): Promise<number> {
  return (await api.post('/validate/check', { user: 'nobody', pass: '1' }, headers)).status
}
