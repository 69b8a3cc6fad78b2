import { beforeEach, describe, expect, it } from 'vitest'
import { issueApiKey, listedKey, listOfKeys, readApiKey } from '../../functions/core/api-key.ts'
import { issueSession } from '../../functions/core/sign-in.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})

const issue = () => issueApiKey(world.ports, 'vpn', 60)
const read = (key: string) => readApiKey(world.ports, key)

describe('an API key', () => {
  it('is in force while the settings list it', async () => {
    const { key, listed } = await issue()
    const other = await issue()
    expect(await read(key)).toBe('revoked')
    world.set({ api_keys: listOfKeys([other.listed, listed]) })
    expect(await read(key)).toEqual({ name: 'vpn', jti: listed.id, exp: listed.until })
    world.set({ api_keys: listOfKeys([other.listed]) })
    expect(await read(key)).toBe('revoked')
    expect(await read(other.key)).toMatchObject({ name: 'vpn' })
  })

  it('is in force under the name that is signed into it only', async () => {
    const { key, listed } = await issue()
    world.set({ api_keys: listOfKeys([{ ...listed, name: 'portal' }]) })
    expect(await read(key)).toBe('revoked')
  })

  it('expires', async () => {
    const { key, listed } = await issue()
    world.set({ api_keys: listOfKeys([listed]) })
    world.advance(60_000)
    expect(await read(key)).toBe('expired')
  })

  it('is made under no other key, and is no session', async () => {
    const { keyring } = world.ports
    const strange = { ...world.ports, keyring: { key: () => keyring.key('session') } }
    const { key, listed } = await issueApiKey(strange, 'vpn', 60)
    world.set({ api_keys: listOfKeys([listed]) })
    expect(await read(key)).toBe('signature')
    const session = await issueSession(world.ports, { username: 'ann', role: 'admin' })
    expect(await read(session)).toBe('signature')
  })
})

it.each([
  'vpn',
  'vpn:12:34',
  'vpn:0123456789ABCDEF:1',
  ':0123456789abcdef:1',
  'a b:0123456789abcdef:1',
])('%j is not taken for a listed key', (text) => {
  expect(listedKey.read(text)).toEqual({ refused: 'is no API key' })
})

it.each(['-vpn', '!vpn', '*'])('%j names no key, as policies mean something else by it', (name) => {
  expect(listedKey.read(`${name}:0123456789abcdef:1`)).toEqual({
    refused: 'has a name that lists of policies read as something else',
  })
})
it.each(['v-pn', 'vpn!', '_', 'a*'])('%j may', (name) => {
  expect(listedKey.read(`${name}:0123456789abcdef:1`)).toMatchObject({ value: { name } })
})
