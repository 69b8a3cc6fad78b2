import { beforeEach, describe, expect, it } from 'vitest'
import { type EditPorts, editSettings } from '../../functions/core/edit-settings.ts'
import { parseSettings } from '../../functions/core/settings.ts'

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
