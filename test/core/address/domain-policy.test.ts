import { describe, expect, it } from 'vitest'
import { isDisposableDomain } from '../../../functions/adapters/disposable-domains.ts'
import { disposableFault, listedFault } from '../../../functions/core/address/domain-policy.ts'
import { domainPatterns, fitsDomain } from '../../../functions/core/address/domain-pattern.ts'
import { parseSettings } from '../../../functions/core/settings.ts'

const read = (text: string) => {
  const reading = domainPatterns.read(text)
  if ('refused' in reading) throw new Error(reading.refused)
  return reading.value
}

describe('a pattern', () => {
  it.each([
    ['example.org', 'example.org', true],
    ['example.org', 'mail.example.org', false],
    ['example.org', 'notexample.org', false],
    ['*.example.org', 'mail.example.org', true],
    ['*.example.org', 'a.b.example.org', true],
    ['*.example.org', 'example.org', false],
    ['*.example.org', 'notexample.org', false],
    ['example.org, *.example.org', 'example.org', true],
    ['*.museum', 'art.museum', true],
    ['*', 'anything.example', true],
    ['Example.ORG', 'example.org', true],
    ['bücher.example', 'xn--bcher-kva.example', true],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example', true],
    ['*.BÜCHER。example', 'mail.xn--bcher-kva.example', true],
    ['*.рф', 'x.xn--p1ai', true],
    ['', 'example.org', false],
  ])('%j fits %s: %s', (patterns, domain, fits) => {
    expect(fitsDomain(read(patterns), domain)).toBe(fits)
  })

  it.each([
    'localhost',
    'alice@example.org',
    '@example.org',
    '*example.org',
    'a.*.org',
    '*.*',
    '*.',
  ])('%j is refused', (text) => {
    const refused = 'has an item that is not a domain'
    expect(domainPatterns.read(text)).toEqual({ refused: expect.stringContaining(refused) })
  })
})

describe('the settings', () => {
  async function faultOf(raw: Record<string, string>, domain: string) {
    const { settings } = parseSettings(raw)
    return (
      listedFault(settings, domain) ?? (await disposableFault(settings, isDisposableDomain, domain))
    )
  }
  const allowed = 'address.allowed_domains'
  const denied = 'address.denied_domains'

  it('let every domain pass that is not disposable', async () => {
    expect(await faultOf({}, 'example.org')).toBeUndefined()
    expect(await faultOf({}, 'mailinator.com')).toBe('domain_disposable')
    expect(await faultOf({}, 'gmail.com')).toBeUndefined()
  })

  it('let only allowed domains pass', async () => {
    const raw = { [allowed]: 'example.org, *.example.org' }
    expect(await faultOf(raw, 'example.org')).toBeUndefined()
    expect(await faultOf(raw, 'mail.example.org')).toBeUndefined()
    expect(await faultOf(raw, 'example.com')).toBe('domain_not_allowed')
  })

  it('let no denied domain pass, even if it is allowed', async () => {
    const raw = { [allowed]: '*.example.org', [denied]: 'bad.example.org' }
    expect(await faultOf(raw, 'good.example.org')).toBeUndefined()
    expect(await faultOf(raw, 'bad.example.org')).toBe('domain_denied')
  })

  it('let disposable domains pass where they say so, or name one', async () => {
    expect(await faultOf({ 'address.disposable': 'accept' }, 'mailinator.com')).toBeUndefined()
    expect(await faultOf({ [allowed]: 'mailinator.com' }, 'mailinator.com')).toBeUndefined()
    expect(await faultOf({ [allowed]: '*' }, 'mailinator.com')).toBe('domain_disposable')
  })

  it('that are mistyped open nothing', async () => {
    expect(await faultOf({ [allowed]: 'example' }, 'example.org')).toBe('domain_not_allowed')
    expect(await faultOf({ [denied]: '.example.org' }, 'example.org')).toBe('domain_denied')
  })
})

describe('a disposable domain', () => {
  it.each([
    ['mailinator.com', true],
    ['anything.mailinator.com', true],
    ['example-mailinator.com', false],
    ['mailinator.com.example', false],
    ['example.org', false],
    ['com', false],
    ['', false],
  ])('%j: %s', async (domain, disposable) =>
    expect(await isDisposableDomain(domain)).toBe(disposable),
  )

  it.each(['gmail.com', 'outlook.com', 'gmx.de', 'web.de', 'qq.com', '163.com', 'icloud.com'])(
    'is not %s, where people have their mail',
    async (domain) => expect(await isDisposableDomain(domain)).toBe(false),
  )
})
