/** Secrets in right and wrong places of privacyIDEA's administration. */
import type { Answer } from '../support-http.ts'
import { type Bench, PASSWORD, random } from './bench.ts'

/** Administers with secrets that are new, wrong or misplaced. */
export async function administration({
  api,
  secrets,
  strays,
  shaped,
  person,
  mailedCode,
  signedIn,
}: Bench): Promise<void> {
  const session = await signedIn()
  const one = await person(session)
  const { json } = await api.get('/token/', { user: one.user }, session)
  const [{ serial }] = json.result.value.tokens
  const secret = (name: string) => secrets.add(name, random('New'))
  const stray = (name: string) => strays.add(name, random('Stray'))
  const kept = (name: string) => ({
    ...{ server: '127.0.0.1', port: '25' },
    managed: secret(`${name} password of a managed mail server`),
  })
  const calls: [string, () => Promise<Answer>][] = [
    [
      'auth wrong',
      () => api.post('/auth', { username: 'root', password: secret('wrong password') }),
    ],
    ['auth JSON', () => api.json('POST', '/auth', { username: 'root', password: PASSWORD })],
    ['auth unknown', () => api.post('/auth', { username: stray('admin'), password: PASSWORD })],
    ['auth list', () => api.json('POST', '/auth', { username: 'root', password: [PASSWORD] })],
    ['setpin', () => api.post('/token/setpin', { serial, otppin: secret('new PIN') }, session)],
    [
      'setpin path',
      () => api.post(`/token/setpin/${serial}`, { pin: secret('newer PIN') }, session),
    ],
    [
      'setpin unknown',
      () => api.post('/token/setpin', { serial: 'EM1', pin: secret('PIN') }, session),
    ],
    [
      'setpin of a stray',
      () => api.post(`/token/setpin/${stray('serial in a path')}`, {}, session),
    ],
    [
      'init short',
      () => api.post('/token/init', { user: one.user, otpkey: secret('short') }, session),
    ],
    ['init bad email', () => api.post('/token/init', { email: secret('address') }, session)],
    [
      'init bad type',
      () => api.post('/token/init', { type: 'totp', pin: secret('typed') }, session),
    ],
    ['init no session', () => api.post('/token/init', { pin: secret('PIN of nobody') })],
    [
      'mail server',
      () => {
        const password = secret('password of a named mail server')
        const server = { server: '127.0.0.1', port: '25', username: 'me', password }
        return api.post('/smtpserver/second', { ...server, sender: 'otp@example.org' }, session)
      },
    ],
    ['mail servers', () => api.get('/smtpserver/', {}, session)],
    ['managed mail server', () => api.post('/smtpserver/kept', kept('right'), session)],
    ['managed mail server, wrong', () => api.post('/smtpserver/kept', kept('wrong'), session)],
    [
      'parameter',
      () => api.post('/system/setConfig', { 'email.password': secret('new one') }, session),
    ],
    ['parameter by name', () => api.get('/system/email.password', {}, session)],
    ['parameters', () => api.get('/system/', {}, session)],
    ['misspelt', () => api.post('/system/setConfig', { 'email.pasword': secret('odd') }, session)],
    ['disable', () => api.post('/token/disable', { serial }, session)],
    ['enable', () => api.post('/token/enable', { serial }, session)],
    ['reset', () => api.post('/token/reset', { serial }, session)],
    ['list', () => api.get('/token/', {}, session)],
    ['trigger', () => api.post('/validate/triggerchallenge', { serial }, session)],
    [
      'user twice',
      () => api.post('/user/', { user: one.user, password: secret('password') }, session),
    ],
    ['revoke', () => api.post('/token/revoke', { serial }, session)],
    ['delete', () => api.send(`/token/${serial}`, { method: 'DELETE', headers: session })],
    [
      'delete user',
      () => api.send(`/user/directory/${one.user}`, { method: 'DELETE', headers: session }),
    ],
  ]
  for (const [name, call] of calls) await shaped(`administration: ${name}`, call)
  await mailedCode(one)
}
