import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALICE, ENTRIES, PEOPLE } from '../adapters/user-sources/people.ts'
import {
  BASE,
  BIND_DN,
  BIND_PASSWORD,
  type Slapd,
  startSlapd,
  WITHOUT_SLAPD,
} from '../adapters/user-sources/slapd.ts'
import { passwordOf } from '../adapters/user-sources/user-source-suite.ts'
import {
  adminSession,
  answer,
  isAccepted,
  startTestStack,
  type TestStack,
  trigger,
} from './support.ts'

if (WITHOUT_SLAPD) console.warn(`Logins by LDAP are not tested: ${WITHOUT_SLAPD}.`)

const PASSWORD = passwordOf('alice')
/** What a user was found as may be believed for 5 s. */
const FORGOTTEN_MS = 5500

describe.skipIf(WITHOUT_SLAPD)('a realm whose users an LDAP server keeps', () => {
  let slapd: Slapd
  let world: TestStack

  beforeAll(async () => {
    slapd = await startSlapd(ENTRIES)
    await slapd.replace(ALICE, 'mail', ['alice@first.example.org', 'alice@second.example.org'])
    const resolver = {
      type: 'ldap',
      uri: `ldaps://127.0.0.1:1, ${slapd.ldaps}`,
      ca: slapd.ca,
      base_dn: BASE,
      bind_dn: BIND_DN,
    }
    world = await startTestStack({
      parameters: {
        'realms/staff': 'ad',
        'resolvers/ad': JSON.stringify(resolver),
        'resolvers/ad.password': BIND_PASSWORD,
        'policies/pin': JSON.stringify({
          scope: 'authentication',
          action: 'otppin=userstore',
          realm: ['staff'],
        }),
      },
    })
    const headers = await adminSession(world)
    const enrol = (user: string) =>
      world.api.post(
        '/token/init',
        { type: 'email', user, realm: 'staff', dynamic_email: '1' },
        headers,
      )
    expect((await enrol('alice')).json.result.status).toBe(true)
    expect((await enrol('bob')).json.result.status).toBe(true)
    expect((await enrol('nobody')).json.result.error.code).toBe(904)
  })
  afterAll(async () => {
    await world?.stack.stop()
    await slapd?.stop()
  })

  const alice = { user: 'alice@staff', email: '', pin: PASSWORD }
  const triggerAlice = () => trigger(world, alice)
  const check = (user: string, pass: string) => world.api.post('/validate/check', { user, pass })

  it('takes their password there and the code from the address there, the first of them', async () => {
    const id = await triggerAlice()
    const code = await world.nextCode('alice@first.example.org')
    expect(isAccepted(await answer(world, 'alice@staff', id, code))).toBe(true)
    expect(isAccepted(await answer(world, 'alice@staff', id, code))).toBe(false)
  })

  it('mails to the new address after it has changed there', async () => {
    await slapd.replace(ALICE, 'mail', ['alice@moved.example.org'])
    await triggerAlice()
    await world.nextMail('alice@moved.example.org')
    expect(world.unreadMails('alice@first.example.org')).toEqual([])
  })

  it.each([
    ['a wrong password', 'alice@staff', 'wrong'],
    ['the empty password', 'alice@staff', ''],
    ['a filter for a name', '*@staff', PASSWORD],
    ['a filter behind a name', 'alice)(uid=*@staff', PASSWORD],
    ['somebody without an address', 'bob@staff', passwordOf('bob')],
    ['a stranger', 'nobody@staff', 'x'],
  ])('refuses %s', async (_, user, pass) => {
    world.stack.clearMessages()
    const { json, status } = await check(user, pass)
    expect(status).toBeLessThan(500)
    expect(json.result.value ?? false).toBe(false)
    expect(json.detail?.transaction_id).toBeUndefined()
    expect(world.stack.messages()).toEqual([])
  })

  it('answers 503 while the server does not answer, and other realms are not concerned', async () => {
    await setTimeout(FORGOTTEN_MS)
    const local = await world.addUser()
    slapd.freeze()
    try {
      const { status, json } = await check('alice@staff', PASSWORD)
      expect(status).toBe(503)
      expect(json.result.status).toBe(false)
      expect(await trigger(world, local)).toMatch(/^\d{20}$/)
    } finally {
      slapd.thaw()
    }
    await setTimeout(1000)
    await triggerAlice()
  })

  it('refuses who has left the directory, and then nothing is mailed', async () => {
    await slapd.remove(ALICE)
    await setTimeout(FORGOTTEN_MS)
    world.stack.clearMessages()
    const { json } = await check('alice@staff', PASSWORD)
    expect(json.result.error.code).toBe(904)
    expect(world.stack.messages()).toEqual([])
  })

  it('writes no password of theirs, and not that of bind_dn, into a log', () => {
    const log = world.lines.map(({ text }) => text).join('\n')
    expect(log).not.toContain(PASSWORD)
    expect(log).not.toContain(BIND_PASSWORD)
    expect(log).not.toContain(PEOPLE)
  })
})
