import { describe, expect, it } from 'vitest'
import { isDisposableDomain } from '../../../functions/adapters/disposable-domains.ts'
import { admitAddress } from '../../../functions/core/address/admit-address.ts'
import type { DomainVerdict } from '../../../functions/core/address/domains.ts'
import { parseSettings } from '../../../functions/core/settings.ts'
import { newUser } from '../../../functions/core/users.ts'
import { policy } from '../../support/policies.ts'
import { NOW } from '../../support/world.ts'

const account = newUser('demo', 'alice', {})
const caller = { clientIp: '192.0.2.1' }

async function admit(
  text: string,
  raw: Record<string, string> = {},
  verdict: DomainVerdict = 'accepts',
  how: { askDns?: boolean } = {},
) {
  const asked: string[] = []
  const lines: unknown[] = []
  const ports = {
    domains: {
      async check(domain: string) {
        asked.push(domain)
        return verdict
      },
    },
    isDisposable: isDisposableDomain,
    log: (...line: unknown[]) => lines.push(line),
    now: () => NOW,
  }
  const { settings } = parseSettings(raw)
  const result = await admitAddress(ports, settings, text, { account, caller, ...how })
  const code = 'refused' in result ? result.refused.code : undefined
  return { result, code, asked, lines }
}

describe('an address is admitted', () => {
  it('with what to send to, what to compare and what to look up', async () => {
    const { result, asked, lines } = await admit(' Jürgen+otp＠BÜCHER.example ')
    expect(result).toEqual({
      address: 'Jürgen+otp@bücher.example',
      key: 'jürgen+otp@xn--bcher-kva.example',
      domain: 'xn--bcher-kva.example',
    })
    expect(asked).toEqual(['xn--bcher-kva.example'])
    expect(lines).toEqual([])
  })

  it('without DNS where the check is off', async () => {
    const off = { 'address.check_domain': 'off' }
    const { code, asked } = await admit('alice@x.example', off, 'unknown_domain')
    expect(code).toBeUndefined()
    expect(asked).toEqual([])
  })

  it('although DNS fails, where the settings say so, and the log tells it', async () => {
    const open = { 'address.on_dns_failure': 'accept' }
    const { result, lines } = await admit('alice@x.example', open, 'dns_failed')
    expect(result).toMatchObject({ address: 'alice@x.example' })
    const fields = { realm: 'demo', domain: 'x.example', admitted: true }
    expect(lines).toEqual([['warn', 'domain_unchecked', fields]])
  })
})

describe('an address is refused', () => {
  it.each([
    ['alice', 'no_at'],
    ['alice@[127.0.0.1]', 'address_literal'],
    ['alice@mailinator.com', 'domain_disposable'],
    ['alice@denied.example', 'domain_denied'],
  ])('%s: %s, without asking DNS', async (text, expected) => {
    const { code, asked } = await admit(text, { 'address.denied_domains': 'denied.example' })
    expect(code).toBe(expected)
    expect(asked).toEqual([])
  })

  it.each<[DomainVerdict, string]>([
    ['no_mail', 'domain_no_mail'],
    ['null_mx', 'domain_null_mx'],
    ['unknown_domain', 'domain_unknown'],
    ['dns_failed', 'domain_unchecked'],
  ])('when DNS says %s', async (verdict, expected) => {
    expect((await admit('alice@x.example', {}, verdict)).code).toBe(expected)
    const open = { 'address.on_dns_failure': 'accept' }
    const admitted = (await admit('alice@x.example', open, verdict)).code === undefined
    expect(admitted).toBe(verdict === 'dns_failed')
  })

  it('for now when DNS fails, and the log tells it without the address', async () => {
    const { result, lines } = await admit('alice@x.example', {}, 'dns_failed')
    expect(result).toMatchObject({ refused: { message: expect.stringContaining('try again') } })
    const fields = { realm: 'demo', domain: 'x.example', admitted: false }
    expect(lines).toEqual([['warn', 'domain_unchecked', fields]])
  })
})

describe('a policy says how thoroughly a domain is looked at', () => {
  const NOWHERE = 'unknown_domain'
  const rule = (value: string, where = {}) =>
    policy('enrollment', `email_validation=${value}`, where)

  it.each([
    ['standard', 'domain_unknown'],
    ['privacyidea.lib.utils.emailvalidation', 'domain_unknown'],
    ['mx', 'domain_unknown'],
    ['syntax', undefined],
  ])('%s: %s', async (value, expected) => {
    expect((await admit('a@x.example', rule(value), NOWHERE)).code).toBe(expected)
  })

  it('by form alone, and throw-away services pass, but never a denied domain', async () => {
    const raw = { ...rule('syntax'), 'address.denied_domains': 'denied.example' }
    expect(await admit('a@mailinator.com', raw, NOWHERE)).toMatchObject({
      code: undefined,
      asked: [],
    })
    expect((await admit('a@denied.example', raw)).code).toBe('domain_denied')
    expect((await admit('a b@x.example', raw)).code).toBe('space')
  })

  it('by DNS also where the settings do not ask it', async () => {
    const raw = { ...rule('mx'), 'address.check_domain': 'off' }
    expect((await admit('a@x.example', raw, NOWHERE)).code).toBe('domain_unknown')
  })

  it('to those alone that it is about', async () => {
    const code = async (where: object) =>
      (await admit('a@x.example', rule('syntax', where), NOWHERE)).code
    expect(await code({ realm: 'demo' })).toBeUndefined()
    expect(await code({ realm: 'other' })).toBe('domain_unknown')
    expect(await code({ client: '192.0.2.0/24' })).toBeUndefined()
    expect(await code({ client: '198.51.100.0/24' })).toBe('domain_unknown')
  })

  it('and no other name is taken', () => {
    const { problems } = parseSettings(rule('strict'))
    expect(JSON.stringify(problems)).toMatch(/email_validation.*standard.*mx.*syntax/)
  })
})

it('an address that comes by the thousand is looked at without DNS', async () => {
  const bulk = { askDns: false }
  expect(await admit('a@x.example', {}, 'unknown_domain', bulk)).toMatchObject({
    ...{ code: undefined, asked: [] },
  })
  expect((await admit('a@mailinator.com', {}, 'accepts', bulk)).code).toBe('domain_disposable')
})
