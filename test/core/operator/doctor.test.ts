import { describe, expect, it } from 'vitest'
import type { Check } from '../../../functions/core/operator/check.ts'
import { createOperator, type OperatorOptions } from './operator.ts'

const SNAPSHOT = { version: 3, publishedAt: 0, checkedAt: 0, values: {}, secrets: {}, problems: [] }
const CLOSED = { api_key_required: 'true' }
const WITH_TEMPLATE = {
  'providers/main': '{"server": "smtp.example.org", "template": "file://code.eml"}',
}

const isOf = (id: string) => (check: Check) => check.id === id

async function checks(options: OperatorOptions = {}): Promise<Record<string, Check>> {
  const { done } = createOperator({ snapshot: SNAPSHOT, ...options })
  const found: Check[] = await done('doctor')
  return Object.fromEntries(found.map((check) => [check.id, check]))
}

describe('doctor', () => {
  it('finds nothing wrong where all is well', async () => {
    const { done, ports } = createOperator({ snapshot: SNAPSHOT, settings: CLOSED })
    await done('admin.add', { name: 'carol', password: 'long enough' })
    const found: Check[] = await done('doctor')
    expect(found.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(found.map(({ id }) => id)).toEqual([
      'keyring',
      'settings',
      'mail_provider',
      'ses_sending',
      'ses_sandbox',
      'ses_quota',
      'ses_identity',
      'last_delivery',
      'deliver_queue',
      'dead_letters',
      'validate_access',
      'admins',
      'guessing',
    ])
    expect(ports.stage).toBe('prod')
  })

  it('computes how probable a guess is', async () => {
    expect((await checks()).guessing!.says).toContain('probability 2.0e-5 per account and day')
    const settings = { 'otp.length': '8', 'account.max_wrong_per_day': '50' }
    expect((await checks({ settings })).guessing!.says).toContain('5.0e-7')
  })

  it('reports keys that cannot be made and looks at the rest', async () => {
    const found = await checks({
      ensureKeyring: async () => {
        throw Object.assign(new Error('no access to key arn:…'), { name: 'AccessDeniedException' })
      },
    })
    expect(found.keyring).toMatchObject({
      state: 'problem',
      says: 'This could not be checked: AccessDeniedException.',
    })
    expect(found.guessing!.state).toBe('ok')
  })

  it('names the refused parameters while older settings are in force', async () => {
    const problem = { name: 'email.port', reason: 'is above 65535', accepted: '', value: '' }
    const found = await checks({
      snapshot: { ...SNAPSHOT, problems: [{ ...problem, severity: 'error' }] },
    })
    expect(found.settings).toMatchObject({
      state: 'problem',
      hint: 'npx otpost config check --stage prod',
    })
    expect(found.settings!.says).toContain('email.port is above 65535')
  })

  it('misses settings that were never published', async () => {
    expect((await checks({ snapshot: undefined })).settings!.state).toBe('problem')
  })

  it.each([
    [{ 'email.mailfrom': '' }, 'No sender is set'],
    [{ 'mail.provider': 'smtp' }, 'No mail server is set'],
  ])('misses what mail needs in %j', async (settings, says) => {
    const found = await checks({ settings })
    expect(found.mail_provider!.state).toBe('problem')
    expect(found.mail_provider!.says).toContain(says)
  })

  const OFFICE = JSON.stringify({ server: 'mail.x.example', sender: 'a@x.example' })
  const named = (...names: string[]) => ({
    ...{ 'email.identifier': names.join(), 'email.mailfrom': '', 'providers/office': OFFICE },
    ...{ 'providers/cloud': '{"kind": "ses", "sender": "b@x.example"}' },
    ...{ 'providers/mute': '{"kind": "ses"}' },
    'providers/linotp': '{"SMTP_SERVER": "mail.x.example", "EMAIL_FROM": "linotp@example.com"}',
  })
  it.each([
    [['office'], 'ok', 'office: mail.x.example port 25 (tls none) sends as a@x.example.', false],
    [['office', 'cloud'], 'ok', 'then cloud: Amazon SES sends as b@x.example.', true],
    [['office', 'nope'], 'problem', 'names nope, and there is no such provider', false],
    [['mute'], 'problem', 'The provider mute has no sender', false],
    [['linotp'], 'warning', 'linotp@example.com of linotp is a placeholder', false],
  ])('looks at the default providers %j: %s', async (names, state, says, ses) => {
    const found = await checks({ settings: named(...names) })
    expect(found.mail_provider).toMatchObject({ state, says: expect.stringContaining(says) })
    expect('ses_identity' in found).toBe(ses)
  })

  it('does not look at SES where a mail server sends', async () => {
    const settings = { 'mail.provider': 'smtp', 'email.mailserver': 'smtp.example.org' }
    const found = await checks({ settings })
    expect(Object.keys(found).filter((id) => id.startsWith('ses_'))).toEqual([])
    expect(found.mail_provider!.says).toContain('smtp.example.org port 25')
  })

  const account = { sendingEnabled: true, productionAccess: true, dailyQuota: 200, sentToday: 0 }
  it.each([
    ['ses_sending', { sendingEnabled: false }, 'problem'],
    ['ses_sandbox', { productionAccess: false }, 'warning'],
    ['ses_quota', { sentToday: 159 }, 'ok'],
    ['ses_quota', { sentToday: 160 }, 'warning'],
    ['ses_quota', { sentToday: 200 }, 'problem'],
    ['ses_quota', { dailyQuota: -1 }, 'ok'],
  ])('%s of %j is a %s', async (id, change, state) => {
    const mailAccount = { state: async () => ({ ...account, ...change }) }
    expect((await checks({ mailAccount }))[id]!.state).toBe(state)
  })

  it.each([
    [{ 'otpost@login.example.org': 'verified' }, 'ok'],
    [{ 'login.example.org': 'verified' }, 'ok'],
    [{ 'example.org': 'verified' }, 'ok'],
    [{ 'login.example.org': 'unverified' }, 'problem'],
    [{ 'login.example.org': 'hidden' }, 'warning'],
    [{ org: 'verified' }, 'problem'],
  ] as const)('an identity of %j makes the sender %s', async (identities, state) => {
    const known = new Map(Object.entries(identities))
    const found = await checks({
      settings: { 'email.mailfrom': 'otpost@login.example.org' },
      mailAccount: { identity: async (name) => known.get(name) ?? 'none' },
    })
    expect(found.ses_identity!.state).toBe(state)
  })

  it.each([
    [{ waiting: 100, dead: 0 }, 'ok', 'ok'],
    [{ waiting: 101, dead: 1 }, 'warning', 'warning'],
    [{ waiting: 0, dead: undefined }, 'ok', 'warning'],
  ])('a backlog of %j is %s and %s', async (backlog, queue, dead) => {
    const found = await checks({ backlog: async () => backlog })
    expect([found.deliver_queue!.state, found.dead_letters!.state]).toEqual([queue, dead])
  })

  it('tells how the last delivery failed', async () => {
    const last = { at: 0, state: 'failed', reply: '535 no such mail user' } as const
    const found = await checks({ deliveries: async () => last })
    expect(found.last_delivery).toMatchObject({ state: 'warning' })
    expect(found.last_delivery!.says).toContain('535 no such mail user')
  })

  it.each([
    [{}, 'warning'],
    [CLOSED, 'ok'],
    [{ 'validate.clients': '10.0.0.0/8' }, 'ok'],
  ])('access to /validate under %j is a %s', async (settings, state) => {
    expect((await checks({ settings })).validate_access!.state).toBe(state)
  })

  it('X28: says of a managed provider only that it is one', async () => {
    const managed = `${'A'.repeat(22)}==.${'B'.repeat(43)}=`
    const about = async (sender: string) => {
      const config = JSON.stringify({ server: 'mail.hidden.example', sender })
      const named = { 'email.identifier': 'office', 'providers/office.managed': managed }
      const found = await checks({ settings: { ...named, 'providers/office': config } })
      expect(JSON.stringify(found)).not.toContain('hidden')
      return found.mail_provider
    }
    expect(await about('otp@hidden.example')).toMatchObject({
      ...{ state: 'ok', says: 'office: a managed provider.' },
    })
    expect(await about('hidden@example.org')).toMatchObject({ state: 'warning' })
  })

  it('misses a template that a provider names, until it is stored', async () => {
    const operator = createOperator({ snapshot: SNAPSHOT, settings: WITH_TEMPLATE })
    const look = async () => (await operator.done('doctor')).find(isOf('mail_templates'))
    expect(await look()).toMatchObject({
      state: 'warning',
      says: expect.stringContaining('providers/main names the template code, which does not exist'),
      hint: 'npx otpost template put <file.eml> --stage prod',
    })
    await operator.world.templates.put({ name: 'code', text: '{otp}', inline: [], savedAt: 0 })
    expect(await look()).toMatchObject({ state: 'ok' })
  })

  it('misses an administrator', async () => {
    expect((await checks()).admins).toMatchObject({
      state: 'warning',
      hint: 'npx otpost admin add <name> --stage prod',
    })
  })
})

describe('config.state', () => {
  it('tells the version in force and the problems', async () => {
    const { done } = createOperator({ snapshot: SNAPSHOT })
    expect(await done('config.state')).toEqual({
      version: 3,
      published_at: '1970-01-01T00:00:00.000Z',
      checked_at: '1970-01-01T00:00:00.000Z',
      problems: [],
      values: {},
      missing: [],
    })
  })

  it('tells of a template that nobody has made', async () => {
    const operator = createOperator({ snapshot: SNAPSHOT, settings: WITH_TEMPLATE })
    expect((await operator.done('config.state')).missing).toEqual([
      {
        name: 'providers/main',
        reason: 'names the template code, which does not exist: the usual mail goes out instead',
        accepted:
          'one of npx otpost template list --stage prod; a file becomes one by template put',
        severity: 'warning',
      },
    ])
  })

  it('is version 0 before the first settings', async () => {
    expect(await createOperator().done('config.state')).toEqual({
      version: 0,
      problems: [],
      missing: [],
    })
  })
})
