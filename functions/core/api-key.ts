/**
 * API keys of the login routes: signed under a key of their own, so that who checks them can make no
 * session, and in force only while the settings list them, so that each can be revoked.
 */
import type { Ports } from './ports.ts'
import { jwtKind, type SessionFault } from './session.ts'
import type { Kind } from './setting-kinds.ts'

/** A key as the setting `api_keys` lists it: `<name>:<id>:<Unix time in seconds>`. */
export type ListedKey = { name: string; id: string; until: number }

/** What a key states. */
export type ApiKey = { name: string; jti: string; exp: number }

const ID_BYTES = 8
const JWT = jwtKind('otpost-api-key+jwt', isApiKey)

function isApiKey(value: unknown): value is ApiKey {
  if (typeof value !== 'object' || value === null) return false
  const { name, jti, exp } = value as Partial<ApiKey>
  return [name, jti].every((text) => typeof text === 'string') && Number.isFinite(exp)
}

/** A new key, and what the settings must list for it to be in force. */
export async function issueApiKey(
  { keyring, now, random }: Pick<Ports, 'keyring' | 'now' | 'random'>,
  name: string,
  seconds: number,
): Promise<{ key: string; listed: ListedKey }> {
  const id = Buffer.from(random(ID_BYTES)).toString('hex')
  const until = Math.floor(now() / 1000) + seconds
  const key = JWT.sign(await keyring.key('api'), { name, jti: id, exp: until })
  return { key, listed: { name, id, until } }
}

/**
 * What a key states if it is in force: listed, under the name that is signed into it, as policies and
 * their checks go by that. The settings are at hand, so that no login reads more.
 */
export async function readApiKey(
  { keyring, now, settings }: Pick<Ports, 'keyring' | 'now' | 'settings'>,
  token: string,
): Promise<ApiKey | SessionFault | 'revoked'> {
  const key = JWT.read(await keyring.key('api'), token, now())
  if (typeof key === 'string') return key
  const { api_keys: listed } = await settings.current()
  return listed.some(({ id, name }) => id === key.jti && name === key.name) ? key : 'revoked'
}

/** Lists of policies exclude what begins with - or !, and * is everybody. */
export const isKeyName = (name: string) => !/^[-!]|^\*$/.test(name)

/** One key in the setting. */
export const listedKey: Kind<ListedKey> = {
  accepted: '<name>:<id>:<Unix time in seconds>, as apikey create writes it',
  read(value) {
    const [, name, id, until] = /^([^:,\s]{1,64}):([0-9a-f]{16}):(\d{1,12})$/.exec(value) ?? []
    if (!name || !id) return { refused: 'is no API key' }
    if (!isKeyName(name))
      return { refused: 'has a name that lists of policies read as something else' }
    return { value: { name, id, until: Number(until) } }
  },
}

/** The setting that lists these keys. */
export const listOfKeys = (keys: readonly ListedKey[]) =>
  keys.map(({ name, id, until }) => `${name}:${id}:${until}`).join(', ')
