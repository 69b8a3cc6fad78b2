/** The users of the recording's password file, and what its mail server did with their addresses. */
import type { Reception } from './mail-sink.ts'

export const REALM = 'realm1'
export const RESOLVER = 'reso1'

export type Person = {
  login: string
  /** The reference's number of the user. */
  userid: string
  givenname: string
  surname: string
  email?: string
  phone?: string
  mobile?: string
}

export const PEOPLE: Person[] = [
  {
    login: 'alice',
    userid: '1001',
    givenname: 'Alice',
    surname: 'Cooper',
    email: 'alice@example.com',
    phone: '+49222',
    mobile: '+49111',
  },
  { login: 'bob', userid: '1002', givenname: 'Bob', surname: 'Dylan', email: 'bob@example.com' },
  { login: 'carol', userid: '1003', givenname: 'Carol', surname: 'King', email: 'carol@x.example' },
  { login: 'dave', userid: '1004', givenname: 'Dave', surname: 'Gahan', email: 'dave@x.example' },
  { login: 'erin', userid: '1005', givenname: 'Erin', surname: 'Brown' },
  {
    login: 'frank',
    userid: '1006',
    givenname: 'Frank',
    surname: '<b>Z&Co',
    email: 'frank@example.com',
  },
  {
    login: 'grace',
    userid: '1007',
    givenname: 'Grace',
    surname: 'Jones',
    email: 'reject@x.example',
  },
  { login: 'jürgen', userid: '1008', givenname: 'Jürgen', surname: 'Klopp' },
]

export const passwordOf = (login: string) => `${login}pw`

export const ADMIN = { name: 'admin', password: 'adminpw' }

export const RECEPTIONS: Record<string, Reception> = {
  'reject@x.example': { reply: '550 no such user' },
  'tempfail@x.example': { reply: '451 try again later' },
  'slow@x.example': { delayMs: 3000 },
}
