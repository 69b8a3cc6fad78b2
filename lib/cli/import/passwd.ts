import { FileError, LONGEST_ROW, type Row } from './row.ts'

const FIELDS = 7

/**
 * Rows of a passwd file, as LinOTP's and privacyIDEA's resolvers read it:
 * `login:x:uid:gid:gecos:home:shell` with the gecos `Given Surname,room,office phone,home phone,
 * email`. Passwords are not taken over.
 */
export async function* passwdRows(text: AsyncIterable<string>): AsyncGenerator<Row> {
  let line = 0
  let rest = ''
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const each of lines) yield* passwdRow(each, ++line)
    if (rest.length > LONGEST_ROW) throw new FileError(`Line ${line + 1} does not end.`)
  }
  yield* passwdRow(rest, line + 1)
}

function* passwdRow(text: string, line: number): Generator<Row> {
  const plain = text.replace(/^\uFEFF/, '').replace(/\r$/, '')
  if (plain.trim() === '' || plain.startsWith('#')) return
  const parts = plain.split(':')
  if (parts.length !== FIELDS) {
    yield {
      line,
      broken: `has ${parts.length} fields, and login:x:uid:gid:gecos:home:shell has ${FIELDS}`,
    }
    return
  }
  const named = { user: parts[0]!.trim(), ...person(parts[4]!) }
  yield { line, fields: Object.fromEntries(Object.entries(named).filter(([, value]) => value)) }
}

function person(gecos: string) {
  const [name = '', _room, office, home, email] = gecos.split(',').map((part) => part.trim())
  const [givenname, ...others] = name.split(/\s+/)
  return { givenname, surname: others.join(' '), phone: office, mobile: home, email }
}
