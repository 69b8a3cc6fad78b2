/** A provider is deleted and another made under its name: each server sees its own password only. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ENV } from '../../functions/env.ts'
import { type SmtpServer, startSmtp } from '../support/smtp-server.ts'
import { startTestStack, trigger } from './support.ts'
import type { TestStack } from './support.ts'

let world: TestStack
let servers: [SmtpServer, SmtpServer]
beforeAll(async () => {
  servers = [await startSmtp(), await startSmtp()]
  world = await startTestStack({ environment: { [ENV.settingsCacheMs]: '0' } })
})
afterAll(async () => {
  await world.stack.stop()
  await Promise.all(servers.map((server) => server.stop()))
})

const provider = ({ port }: SmtpServer, password: string) => ({
  'providers/relay': JSON.stringify({
    ...{ server: '127.0.0.1', port, username: 'otp', sender: 'codes@otpost.example' },
  }),
  'providers/relay.password': password,
  'email.identifier': 'relay',
})
/** The passwords a server was sent. */
const passwordsAt = ({ sessions }: SmtpServer) =>
  sessions
    .flatMap(({ lines }) => lines)
    .flatMap(({ text }) => /^AUTH PLAIN (\S+)$/.exec(text)?.[1] ?? [])
    .map((response) => Buffer.from(response, 'base64').toString().split('\0')[2])

test('the password of the one before never reaches the new server', async () => {
  const [old, fresh] = servers
  const user = await world.addUser()
  await world.stack.parameters.set(provider(old, 'of-the-old'))
  await trigger(world, user)
  await expect.poll(() => passwordsAt(old)).toEqual(['of-the-old'])

  const gone = { 'providers/relay': null, 'providers/relay.password': null }
  await world.stack.parameters.set({ ...gone, 'email.identifier': null })
  await world.stack.parameters.set(provider(fresh, 'of-the-new'))
  await trigger(world, await world.addUser())
  await expect.poll(() => passwordsAt(fresh)).toEqual(['of-the-new'])
  expect(passwordsAt(old)).toEqual(['of-the-old'])
})
