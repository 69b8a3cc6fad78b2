import { constants, generateKeyPairSync, verify } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../functions/http/privacyidea/envelope.ts'
import { signerSource } from '../../../functions/http/privacyidea/signature.ts'
import { parseSettings } from '../../../functions/core/settings.ts'
import { createWorld } from '../../support/world.ts'
import { type Logins, loginsOf } from './logins.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const REALM = { 'realm.default': 'demo', 'email.mailfrom': 'otpost@example.org' }

let reads: number[]
let version: number | undefined
let madeAt: number
let stored: string | undefined
let send: Logins['send']

beforeEach(async () => {
  reads = []
  version = 1
  madeAt = 1
  stored = pem
  const world = createWorld()
  await world.enrol(await world.addUser('alice'))
  const signer = signerSource(async (wanted) => {
    reads.push(wanted.version)
    return stored
  })
  const settings = {
    async current() {
      const versions: Record<string, number> =
        version === undefined ? {} : { 'signing.key': version }
      return parseSettings(REALM, versions, { 'signing.key': madeAt }).settings
    },
  }
  const ports = { ...world.ports, settings, signer }
  send = loginsOf({ ports })
})

const check = (form: Record<string, string>) => send('/validate/check', { form })

/** Checks a signature the way the reference's clients do. */
function isSigned(text: string): boolean {
  const { signature, ...body } = JSON.parse(text) as { signature: string }
  const [scheme, hex] = signature.split(':') as [string, string]
  expect(scheme).toBe('rsa_sha256_pss')
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_MAX_SIGN: saltLength } = constants
  const key = { key: pair.publicKey, padding, saltLength }
  return verify('sha256', Buffer.from(canonicalJson(body)), key, Buffer.from(hex, 'hex'))
}

describe('answers where a signing key is set', () => {
  it.each([
    ['an acceptable request', { user: 'alice', pass: '1234', nonce: 'ünïq' }],
    ['a rejection', { user: 'alice', pass: 'wrong' }],
    ['an error', { user: 'nobody', pass: 'x' }],
    ['a request that is not understood', { pass: 'x' }],
  ])('are signed: %s', async (_, form) => {
    const { text } = await check(form)
    expect(isSigned(text)).toBe(true)
    expect(isSigned(text.replace(/"time": [0-9]/, '"time": 9'))).toBe(false)
  })

  it('are signed by a key that is read once for each version', async () => {
    for (let times = 0; times < 3; times++) await check({ user: 'alice', pass: 'x' })
    version = 2
    await check({ user: 'alice', pass: 'x' })
    expect(reads).toEqual([1, 2])
  })

  it('are signed by the new key after it was deleted and made anew', async () => {
    await check({ user: 'alice', pass: 'x' })
    madeAt = 2
    await check({ user: 'alice', pass: 'x' })
    expect(reads).toEqual([1, 1])
  })

  it('are not given while the key cannot be read, and then again', async () => {
    stored = undefined
    const { status, json } = await check({ user: 'alice', pass: '1234' })
    expect(status).toBe(503)
    expect(json.result.value).toBeUndefined()
    stored = pem
    expect(isSigned((await check({ user: 'alice', pass: '1234' })).text)).toBe(true)
  })
})

it('answers are not signed without a key', async () => {
  version = undefined
  const { json } = await check({ user: 'alice', pass: 'x' })
  expect(json).not.toHaveProperty('signature')
  expect(reads).toEqual([])
})
