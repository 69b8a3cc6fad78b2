import { describe, expect, it } from 'vitest'
import cdk from '../../cdk.json' with { type: 'json' }
import { ContextError, readContext, refuseUnknownKeys } from '../../lib/context.ts'

const read = (context: Record<string, unknown>) => readContext((key) => context[key])

describe('the context', () => {
  it('may be empty', () => {
    expect(read({})).toEqual({ stage: 'dev', settingsCacheSeconds: 5 })
  })

  it('lets the local stage see a changed setting after a second', () => {
    expect(read({ stage: 'local' }).settingsCacheSeconds).toBe(1)
  })

  it('is taken as it is when it is right', () => {
    const context = {
      stage: 'prod-eu1',
      region: 'eu-central-1',
      mailDomain: 'login.example.org',
      mailFrom: 'code+a@login.example.org',
      alarmEmail: 'ops@example.com',
    }
    expect(read({ ...context, settingsCacheSeconds: '30' })).toEqual({
      ...context,
      settingsCacheSeconds: 30,
    })
  })

  it.each([
    ['maildomain', 'Did you mean mailDomain?'],
    ['alarmMail', 'Did you mean alarmEmail?'],
    ['otpost:stgae', 'Did you mean stage?'],
    ['colour', 'There is: stage, region, mailDomain,'],
  ])('refuses the unknown key %s and says which there are', (key, says) => {
    const attempt = () => refuseUnknownKeys(['stage', key])
    expect(attempt).toThrow(ContextError)
    expect(attempt).toThrow(`There is no context value ${key}. ${says}`)
  })

  it('knows every key that it reads', () => {
    const asked = new Set<string>()
    readContext((key) => void asked.add(key))
    expect(asked).toContain('ldapSubnets')
    expect(() => refuseUnknownKeys([...asked])).not.toThrow()
  })

  it('leaves the keys of the CDK alone', () => {
    const keys = ['@aws-cdk/core:target-partitions', 'aws:cdk:bundling-stacks', 'vpc-provider:a=b']
    const own = Object.keys(cdk.context)
    expect(() => refuseUnknownKeys([...keys, ...own, 'acknowledged-issue-numbers'])).not.toThrow()
  })

  it.each([
    ['stage', 'Prod'],
    ['stage', ''],
    ['stage', 'a-'],
    ['stage', 'a'.repeat(21)],
    ['stage', 7],
    ['region', 'frankfurt'],
    ['mailDomain', 'example'],
    ['mailDomain', 'Example.org'],
    ['mailDomain', 'example.org, evil.example'],
    ['mailFrom', 'Otpost <login@example.org>'],
    ['mailFrom', 'login@example.org,x@evil.example'],
    ['alarmEmail', 'ops'],
    ['settingsCacheSeconds', '-1'],
    ['settingsCacheSeconds', '301'],
    ['settingsCacheSeconds', '1.5'],
    ['settingsCacheSeconds', ''],
  ])('refuses %s=%s in one sentence that names the key and what it accepts', (key, value) => {
    const attempt = () => read({ [key]: value })
    expect(attempt).toThrow(ContextError)
    expect(attempt).toThrow(new RegExp(`^The context value ${key}=.* ${key} accepts .*\\.$`))
  })

  it.each([
    ['login@example.org', true],
    ['login@mail.example.org', true],
    ['login@notexample.org', false],
    ['login@example.com', false],
  ])('with mailDomain example.org takes mailFrom %s: %s', (mailFrom, fits) => {
    const attempt = () => read({ mailDomain: 'example.org', mailFrom })
    if (fits) expect(attempt().mailFrom).toBe(mailFrom)
    else expect(attempt).toThrow('must be an address of mailDomain example.org')
  })
})
