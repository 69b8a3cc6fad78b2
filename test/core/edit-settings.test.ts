import { beforeEach, describe, expect, it } from 'vitest'
import { type EditPorts, editSettings } from '../../functions/core/edit-settings.ts'
import { openProvider } from '../../functions/core/managed-provider.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { testGuard } from '../support/provider-guard.ts'

let values: Record<string, string>
let secrets: Record<string, number>
let writes: string[]
let ports: EditPorts
beforeEach(() => {
  values = { 'email.mailfrom': 'otp@example.org' }
  secrets = {}
  writes = []
  ports = {
    parameters: {
      list: async () => ({ values: { ...values }, secrets: { ...secrets } }),
      async put(name, value, secret) {
        writes.push(`put ${name}${secret ? ' as a secret' : ''}`)
        if (secret) secrets[name] = (secrets[name] ?? 0) + 1
        else values[name] = value
      },
      async remove(name) {
        writes.push(`remove ${name}`)
        delete values[name]
        delete secrets[name]
        return true
      },
    },
    async publish() {
      writes.push('publish')
      return { version: 1, published: true, problems: parseSettings(values, secrets).problems }
    },
  }
})

describe('parameters', () => {
  it('are written, then published', async () => {
    const changes = [
      { name: 'email.validtime', value: '60' },
      { name: 'email.password', value: 's' },
      { name: 'email.username', value: 'otp' },
      { name: 'email.subject', value: undefined },
    ]
    expect(await editSettings(ports, changes)).toEqual({ outcome: 'in_force' })
    expect(writes).toEqual([
      'put email.validtime',
      'put email.password as a secret',
      'put email.username',
      'remove email.subject',
      'publish',
    ])
  })

  it('are all left alone when one of them is wrong', async () => {
    const changes = [
      { name: 'email.subject', value: 'Hi' },
      { name: 'email.validtime', value: '1' },
    ]
    expect(await editSettings(ports, changes)).toMatchObject({
      outcome: 'refused',
      problems: [{ name: 'email.validtime', reason: 'is below 10' }],
    })
    expect(writes).toEqual([])
  })

  it('that contradict one that stays are refused', async () => {
    values['otp.length'] = '6'
    const changes = [{ name: 'account.max_wrong_per_day', value: '1000' }]
    expect(await editSettings(ports, changes)).toMatchObject({ outcome: 'refused' })
  })

  it('may be mended one after the other', async () => {
    Object.assign(values, { 'email.port': 'abc', 'email.timeout': 'abc' })
    const first = await editSettings(ports, [{ name: 'email.port', value: '25' }])
    expect(first).toMatchObject({ outcome: 'waiting', problems: [{ name: 'email.timeout' }] })
    const second = await editSettings(ports, [{ name: 'email.timeout', value: '5' }])
    expect(second).toEqual({ outcome: 'in_force' })
  })

  it('change their type when a secret was stored in clear', async () => {
    values['email.password'] = 'oops'
    const changes = [
      { name: 'email.username', value: 'otp' },
      { name: 'email.password', value: 'new' },
    ]
    expect(await editSettings(ports, changes)).toEqual({ outcome: 'in_force' })
    expect(writes).toContain('remove email.password')
    expect(values).not.toHaveProperty(['email.password'])
  })

  it.each([
    ['fits', 'ü'.repeat(2048), 'in_force'],
    ['does not fit', `${'ü'.repeat(2048)}x`, 'refused'],
  ])('%s into Parameter Store by its octets', async (_, value, outcome) => {
    expect(await editSettings(ports, [{ name: 'email.text', value }])).toMatchObject({ outcome })
  })
})

describe('parameters of a managed provider', () => {
  const OWN = ['', '.password', '.client_key', '.managed'].map((end) => `providers/office${end}`)
  const guarded = { providerGuard: testGuard() }
  const settings = () => parseSettings(values, secrets).settings
  beforeEach(async () => {
    values['providers/office'] = '{"server":"mail.x.example"}'
    secrets['providers/office.password'] = 1
    values['providers/office.managed'] = await guarded.providerGuard.seal('kept by the mail team')
  })

  describe.each(['text', 'a secret by mistake'])('whose hash is stored as %s', (type) => {
    beforeEach(() => {
      if (type === 'text') return
      delete values['providers/office.managed']
      secrets['providers/office.managed'] = 1
    })

    it.each(OWN)('stay closed to everybody who has not opened it: %s', async (name) => {
      const server = JSON.stringify({ server: 'evil.example' })
      for (const value of [undefined, server]) {
        const changes = [
          { name: 'email.subject', value: 'Hi' },
          { name, value },
        ]
        expect(await editSettings(ports, changes)).toEqual({
          outcome: 'refused',
          problems: [
            expect.objectContaining({
              name: 'managed',
              reason: 'is missing: the provider office is a managed one',
            }),
          ],
        })
      }
      expect(writes).toEqual([])
    })
  })

  it('are changed by who has opened that provider, and no other one', async () => {
    const change = [{ name: 'providers/office', value: '{"server":"new.x.example"}' }]
    const other = await openProvider(guarded, settings(), 'other', 'kept by the mail team')
    const own = await openProvider(guarded, settings(), 'office', 'kept by the mail team')
    if ('problem' in other || 'problem' in own) throw new Error('stays closed')
    expect(await editSettings(ports, change, other.opened)).toMatchObject({ outcome: 'refused' })
    expect(await editSettings(ports, change, own.opened)).toEqual({ outcome: 'in_force' })
  })

  it('are not opened by having asked before it became a managed one', async () => {
    const before = parseSettings({ 'providers/office': values['providers/office']! }).settings
    const open = await openProvider(guarded, before, 'office', undefined)
    if ('problem' in open) throw new Error('stays closed')
    const change = [{ name: 'providers/office', value: undefined }]
    expect(await editSettings(ports, change, open.opened)).toMatchObject({ outcome: 'refused' })
  })

  it('say nothing of providers of similar names', async () => {
    for (const name of ['providers/offic', 'providers/office.x', 'providers/office2']) {
      const change = [{ name, value: '{"server":"mail.x.example"}' }]
      expect(await editSettings(ports, change)).toEqual({ outcome: 'in_force' })
    }
  })
})
