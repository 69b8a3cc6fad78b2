import { describe, expect, it } from 'vitest'
import { isDisposableDomain } from '../../../functions/adapters/disposable-domains.ts'
import { domainFault } from '../../../functions/core/address/domain-policy.ts'
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
  const faultOf = (raw: Record<string, string>, domain: string) =>
    domainFault(parseSettings(raw).settings, isDisposableDomain, domain)
  const allowed = 'address.allowed_domains'
  const denied = 'address.denied_domains'

  it('let every domain pass that is not disposable', () => {
    expect(faultOf({}, 'example.org')).toBeUndefined()
    expect(faultOf({}, 'mailinator.com')).toBe('domain_disposable')
    expect(faultOf({}, 'gmail.com')).toBeUndefined()
  })

  it('let only allowed domains pass', () => {
    const raw = { [allowed]: 'example.org, *.example.org' }
    expect(faultOf(raw, 'example.org')).toBeUndefined()
    expect(faultOf(raw, 'mail.example.org')).toBeUndefined()
    expect(faultOf(raw, 'example.com')).toBe('domain_not_allowed')
  })

  it('let no denied domain pass, even if it is allowed', () => {
    const raw = { [allowed]: '*.example.org', [denied]: 'bad.example.org' }
    expect(faultOf(raw, 'good.example.org')).toBeUndefined()
    expect(faultOf(raw, 'bad.example.org')).toBe('domain_denied')
  })

  it('let disposable domains pass where they say so, or name one', () => {
    expect(faultOf({ 'address.disposable': 'accept' }, 'mailinator.com')).toBeUndefined()
    expect(faultOf({ [allowed]: 'mailinator.com' }, 'mailinator.com')).toBeUndefined()
    expect(faultOf({ [allowed]: '*' }, 'mailinator.com')).toBe('domain_disposable')
  })

  it('that are mistyped open nothing', () => {
    expect(faultOf({ [allowed]: 'example' }, 'example.org')).toBe('domain_not_allowed')
    expect(faultOf({ [denied]: '.example.org' }, 'example.org')).toBe('domain_denied')
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
  ])('%j: %s', (domain, disposable) => expect(isDisposableDomain(domain)).toBe(disposable))

  it.each(['gmail.com', 'outlook.com', 'gmx.de', 'web.de', 'qq.com', '163.com', 'icloud.com'])(
    'is not %s, where people have their mail',
    (domain) => expect(isDisposableDomain(domain)).toBe(false),
  )
})
