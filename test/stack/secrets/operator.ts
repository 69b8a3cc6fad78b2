/** Secrets in right and wrong places of the operator's commands and of the mail page. */
import { type Bench, PASSWORD, random } from './bench.ts'

/** Invokes commands, and sets a parameter whose name is misspelt. */
export async function operators({ admin, secrets, strays, operator }: Bench): Promise<void> {
  const secret = (name: string) => secrets.add(name, random('Op'))
  await operator('user.add', { user: 'op', email: 'op@example.org' })
  await operator('user.add', { user: 'op', password: secret('password') })
  await operator('token.enrol', { user: 'op', pin: secret('PIN') })
  await operator('token.enrol', { user: 'op', pin: [secret('PIN in a list')] })
  await operator('token.list', { user: 'op' })
  await operator('token.setpin', { serial: 'EM1', pin: secret('PIN of nothing') })
  await operator('user.import', {
    rows: [{ user: 'row', email: 'row@example.org', pin: secret('PIN of a row') }, secret('row')],
    enrol: true,
  })
  await operator('admin.add', { name: 'second', password: secret('second password') })
  await operator('admin.add', { password: secret('password without a name') })
  await operator('admin.add', { name: secret('name').concat(' !'), password: PASSWORD })
  const managed = secret('password of a managed provider')
  const { value } = await operator('provider.seal', { password: managed })
  await operator('provider.open', { name: 'main', ...value, password: managed })
  await operator('provider.open', { name: 'main', ...value, password: secret('wrong one') })
  const key = await operator('apikey.create', { name: 'plugin', days: 1 })
  strays.add('API key', key.value.key)
  for (const command of ['admin.list', 'user.list', 'token.list', 'config.state', 'doctor']) {
    await operator(command)
  }
  await operator(secret('command'))
  const misspelt = strays.add('password of a misspelt parameter', random('Stray'))
  await admin.get('/api/parameters')
  await admin.json('PATCH', '/api/parameters', { 'email.passwort': misspelt })
  await admin.json('PATCH', '/api/parameters', { 'email.passwort': null })
}
