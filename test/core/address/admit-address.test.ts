import { describe, expect, it } from 'vitest'
import { isDisposableDomain } from '../../../functions/adapters/disposable-domains.ts'
import { admitAddress } from '../../../functions/core/address/admit-address.ts'
import type { DomainVerdict } from '../../../functions/core/address/domains.ts'
import { parseSettings } from '../../../functions/core/settings.ts'

async function admit(
  text: string,
  raw: Record<string, string> = {},
  verdict: DomainVerdict = 'accepts',
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
  }
  const { settings } = parseSettings(raw)
  const result = await admitAddress(ports, settings, text, { realm: 'demo' })
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
