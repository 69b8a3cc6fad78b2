import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { close, listen } from '../../../lib/local/loopback.ts'
import { startStack } from '../../../lib/local/stack.ts'
import type { LocalStack, LocalStackOptions } from '../../../lib/local/stack.ts'
import { clients } from './clients.ts'
import { writeFixture } from './fixture.ts'

let synthesized: string
beforeAll(() => {
  synthesized = writeFixture()
})

const running: LocalStack[] = []
async function start(options: Partial<LocalStackOptions> = {}): Promise<LocalStack> {
  const stack = await startStack({ data: 'memory', synthesized, log: () => {}, ...options })
  running.push(stack)
  return stack
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((stack) => stack.stop()))
})

const directory = () => mkdtempSync(join(tmpdir(), 'otpost-data-'))
const parametersIn = (data: string) =>
  JSON.parse(readFileSync(join(data, 'parameters.json'), 'utf8')) as Record<string, string>

describe('a stack with a data directory', () => {
  test('has everything again after a restart', async () => {
    const data = directory()
    const before = await start({ data })
    const first = clients(before.endpoint)
    const Item = { key: { S: 'kept' } }
    await first.dynamodb.send(new PutItemCommand({ TableName: 'Tokens', Item }))
    const sealed = await first.kms.send(
      new EncryptCommand({ KeyId: 'Key', Plaintext: Buffer.from('kept') }),
    )
    const QueueUrl = `${before.endpoint}/000000000000/Dead`
    await first.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }))
    await before.invoke('otpost-local-deliver', { Records: [{ messageId: '1', body: 'kept' }] })
    await before.parameters.set({ 'email.password': 'kept' })
    await before.stop()

    const after = await start({ data })
    const second = clients(after.endpoint)
    const read = new GetItemCommand({ TableName: 'Tokens', Key: Item })
    expect((await second.dynamodb.send(read)).Item).toEqual(Item)
    const { CiphertextBlob } = sealed
    const opened = await second.kms.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext!).toString()).toBe('kept')
    expect(after.queues.get('Dead')!.messages).toMatchObject([{ body: 'kept' }])
    expect(after.messages()).toMatchObject([{ subject: 'kept' }])
    expect(parametersIn(data)['email.password']).toBe('kept')
  })

  test('is alone in it', async () => {
    const data = directory()
    await start({ data })
    await expect(start({ data })).rejects.toThrow(
      `${data} is in use by process ${process.pid}: stop it, or choose another OTPOST_DATA.`,
    )
  })

  test('takes over the lock of a process that is gone', async () => {
    const data = directory()
    writeFileSync(join(data, 'lock'), '999999999 1')
    await expect(start({ data })).resolves.toBeDefined()
  })

  test('moves the mail port it chose itself, and no other', async () => {
    const data = directory()
    const first = await start({ data })
    expect(parametersIn(data)['email.port']).toBe(String(first.smtp.port))
    await first.stop()
    const second = await start({ data })
    expect(parametersIn(data)['email.port']).toBe(String(second.smtp.port))
    await second.parameters.set({ 'email.port': '587' })
    await second.stop()
    await start({ data })
    expect(parametersIn(data)['email.port']).toBe('587')
  })

  test('is seeded once', async () => {
    const data = directory()
    const first = await start({ data, seed: true })
    await first.stop()
    expect(JSON.parse(readFileSync(join(data, 'state.json'), 'utf8'))).toMatchObject({
      seeded: true,
    })
    await expect(start({ data, seed: true })).resolves.toBeDefined()
  })
})

describe('parameters', () => {
  test('make a fresh stack send its mail to itself, and are configured when it is ready', async () => {
    const stack = await start({ parameters: { 'email.validtime': '60' } })
    const { configure } = await stack.parameters.set({})
    expect(configure).toMatchObject({ version: 2 })
    expect(stack.parameters.values()).toEqual({
      'email.mailfrom': 'otpost@localhost.example',
      'email.mailserver': '127.0.0.1',
      'email.port': String(stack.smtp.port),
      'email.validtime': '60',
      'mail.provider': 'smtp',
      'address.check_domain': 'off',
      'realm.default': 'demo',
    })
  })

  test('edited by hand run the functions that follow them', async () => {
    const data = directory()
    const lines: string[] = []
    await start({ data, log: (line) => void lines.push(line) })
    lines.length = 0
    const edited = { ...parametersIn(data), 'email.validtime': 90 }
    writeFileSync(join(data, 'parameters.json'), JSON.stringify(edited))
    await expect.poll(() => lines).toEqual([expect.stringContaining('email.validtime')])
  })
})

describe('the mail page', () => {
  const api = (stack: LocalStack, path: string, init?: RequestInit) =>
    fetch(`${stack.mail}/api/${path}`, init)

  test('lists mails newest first and empties the list', async () => {
    const stack = await start()
    for (const body of ['first', 'second']) {
      await stack.invoke('otpost-local-deliver', { Records: [{ messageId: '1', body }] })
    }
    const mails = (await (await api(stack, 'messages')).json()) as object[]
    expect(mails).toMatchObject([{ subject: 'second' }, { subject: 'first' }])
    expect(Object.keys(mails[0]!).sort()).toEqual(
      ['date', 'from', 'html', 'id', 'raw', 'subject', 'text', 'to'].sort(),
    )
    expect((await api(stack, 'messages', { method: 'DELETE' })).status).toBe(204)
    expect(await (await api(stack, 'messages')).json()).toEqual([])
  })

  test('replaces and merges parameters, and answers with what came of them', async () => {
    const stack = await start()
    const put = await api(stack, 'parameters', {
      method: 'PUT',
      body: JSON.stringify({ 'email.password': 'hunter2', 'email.port': 25 }),
    })
    expect(await put.json()).toMatchObject({
      parameters: { 'email.password': '***', 'email.port': '25' },
      configure: { problems: [], seen: [expect.any(String), '/otpost/local/email.port'] },
    })
    const patch = await api(stack, 'parameters', {
      method: 'PATCH',
      body: JSON.stringify({ 'email.port': null, 'email.password': '***' }),
    })
    expect(await patch.json()).toMatchObject({ parameters: { 'email.password': '***' } })
    expect(await (await api(stack, 'parameters')).json()).toEqual({ 'email.password': '***' })
  })

  test('refuses parameters that are not a flat object, with a sentence', async () => {
    const stack = await start()
    const before = stack.parameters.values()
    const refused = await api(stack, 'parameters', { method: 'PUT', body: '{"a": []}' })
    expect(refused.status).toBe(400)
    expect(await refused.json()).toEqual({
      error: '"a" must be a string, a number or a boolean.',
    })
    expect(stack.parameters.values()).toEqual(before)
  })

  test('tells the command line where everything is', async () => {
    const stack = await start()
    expect(await (await api(stack, 'stack')).json()).toEqual({
      stage: 'local',
      region: 'us-east-1',
      endpoint: stack.endpoint,
      api: stack.api,
      mail: stack.mail,
      smtp: `127.0.0.1:${stack.smtp.port}`,
      functions: ['echo', 'deliver', 'configure', 'operator'].map((name) => `otpost-local-${name}`),
      tables: { tokens: 'Tokens' },
    })
  })

  test('shows a page that may run its own script only', async () => {
    const stack = await start()
    const page = await fetch(stack.mail)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    const html = await page.text()
    expect(html).not.toMatch(/https?:\/\/|<script>|onclick/)
    for (const [, asset] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect((await fetch(stack.mail + asset)).status).toBe(200)
    }
  })

  test('is not there for other web pages', async () => {
    const stack = await start()
    const foreign = { method: 'DELETE', headers: { origin: 'https://evil.example' } }
    expect((await api(stack, 'messages', foreign)).status).toBe(403)
    const own = { method: 'DELETE', headers: { origin: stack.mail } }
    expect((await api(stack, 'messages', own)).status).toBe(204)
    expect(await statusForHost(stack.mail, 'evil.example')).toBe(403)
    expect(await statusForHost(stack.mail, `localhost:${new URL(stack.mail).port}`)).toBe(200)
  })
})

test.each([
  ['port', 'OTPOST_PORT'],
  ['mailPort', 'OTPOST_MAIL_PORT'],
  ['smtpPort', 'OTPOST_SMTP_PORT'],
])('a %s that is in use is named by its variable', async (option, variable) => {
  const other = createServer()
  const port = await listen(other, 0, 'test')
  await expect(start({ [option]: port })).rejects.toThrow(
    `Port ${port} is in use: choose another one with ${variable}`,
  )
  await close(other)
})

async function statusForHost(url: string, host: string): Promise<number> {
  const { get } = await import('node:http')
  return new Promise((resolve, reject) => {
    get(`${url}/api/messages`, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    }).on('error', reject)
  })
}
