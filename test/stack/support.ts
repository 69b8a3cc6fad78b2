/** What the end-to-end tests share: a whole stack with its log, users to log in, and their mail. */
import { startStack } from '../../lib/local/stack.ts'
import type { LocalStack, LocalStackOptions } from '../../lib/local/stack.ts'
import type { Message } from '../../lib/local/mailbox.ts'
import { httpClient, type Answer, type HttpClient } from './support-http.ts'

/** One line a function printed; `fields` is empty where it is not JSON. */
export type Line = { text: string; functionName: string; fields: Record<string, unknown> }

export type TestStack = {
  stack: LocalStack
  /** The service. */
  api: HttpClient
  /** The mail page. */
  mail: HttpClient
  /** Everything the functions printed, oldest first. */
  lines: Line[]
  /** The newest mail to this address that was not asked for before, or the next one to come. */
  nextMail(to: string, timeoutMs?: number): Promise<Message>
  /** All mails to this address that were not asked for before. */
  unreadMails(to: string): Message[]
  /** The code in {@link nextMail}. */
  nextCode(to: string, timeoutMs?: number): Promise<string>
  /** Makes users with an address and one token each, and gives their names. */
  addUsers(count: number, pin?: string): Promise<User[]>
  addUser(pin?: string): Promise<User>
}

export type User = { user: string; email: string; pin: string }

/** What tests of many logins need: no limit on mails, and a lock that is out of the way. */
export const NO_LIMITS = {
  'mail.per_hour': '0',
  'mail.per_day': '0',
  'token.max_failcount': '100',
}

/** Starts a seeded stack in memory with no limit on mails. */
export async function startTestStack(options: Partial<LocalStackOptions> = {}): Promise<TestStack> {
  const lines: Line[] = []
  const stack = await startStack({
    data: 'memory',
    seed: true,
    log: (text, functionName) => void lines.push({ text, functionName, fields: fieldsOf(text) }),
    ...options,
    parameters: { ...NO_LIMITS, ...options.parameters },
  })
  const refused = lines.find(({ fields }) => fields.message === 'settings refused')
  if (refused) {
    await stack.stop()
    throw new Error(refused.text)
  }
  const { nextMail, unreadMails } = mailReader(stack)
  const addUsers = userMaker(stack)
  return {
    stack,
    api: httpClient(stack.api),
    mail: httpClient(stack.mail),
    lines,
    nextMail,
    unreadMails,
    nextCode: async (to, timeoutMs) => codeIn(await nextMail(to, timeoutMs)),
    addUsers,
    addUser: async (pin) => (await addUsers(1, pin))[0]!,
  }
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** A busy machine takes its time; how soon a mail comes is measured elsewhere. */
const MAIL_MS = 20_000

function mailReader(stack: LocalStack) {
  const read = new Set<string>()
  const isUnread = (to: string) => (message: Message) =>
    !read.has(message.id) && message.to.includes(to)
  return {
    async nextMail(to: string, timeoutMs?: number): Promise<Message> {
      const message = await stack.waitForMail(isUnread(to), timeoutMs ?? MAIL_MS)
      read.add(message.id)
      return message
    },
    unreadMails(to: string): Message[] {
      const unread = stack.messages().filter(isUnread(to))
      for (const { id } of unread) read.add(id)
      return unread
    },
  }
}

const MOST_ROWS = 200
let users = 0

function userMaker(stack: LocalStack) {
  return async (count: number, pin = ''): Promise<User[]> => {
    const made = Array.from({ length: count }, () => {
      const user = `user${(users += 1)}`
      return { user, email: `${user}@example.org`, pin }
    })
    for (let start = 0; start < count; start += MOST_ROWS) {
      await importUsers(stack, made.slice(start, start + MOST_ROWS))
    }
    return made
  }
}

async function importUsers(stack: LocalStack, made: User[]): Promise<void> {
  const rows = made.map(({ user, email, pin }) => ({ user, email, ...(pin ? { pin } : {}) }))
  const event = { command: 'user.import', args: { rows, enrol: true, without_pin: true } }
  const reply = (await stack.invoke('otpost-local-operator', event)) as ImportReply
  const added = reply.ok && reply.value.rows.every(({ state }) => state === 'added')
  if (!added) throw new Error(`The users could not be made: ${JSON.stringify(reply)}`)
}
type ImportReply = { ok: true; value: { rows: { state: string }[] } } | { ok: false }

/** The code a mail carries. */
export function codeIn({ text }: Pick<Message, 'text'>): string {
  const code = /^\d{6,10}$/m.exec(text)?.[0]
  if (!code) throw new Error('The mail carries no code.')
  return code
}

/** A code that is not this one. */
export const wrongCode = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

/** Whether an answer of privacyIDEA's wire lets in. */
export const isAccepted = ({ json }: Answer) =>
  json?.result?.value === true || json?.result?.authentication === 'ACCEPT'

/** Asks for a code and gives the challenge's transaction_id; throws when there is none. */
export async function trigger({ api }: TestStack, { user, pin }: User): Promise<string> {
  const answer = await api.post('/validate/check', { user, pass: pin })
  const id: unknown = answer.json?.detail?.transaction_id
  if (typeof id !== 'string') throw new Error(`No challenge: ${answer.status} ${answer.text}`)
  return id
}

/** Answers a challenge. */
export const answer = ({ api }: TestStack, user: string, transaction_id: string, pass: string) =>
  api.post('/validate/check', { user, transaction_id, pass })

/** A whole login; whether it was let in. */
export async function logsIn(world: TestStack, user: User, mailMs?: number): Promise<boolean> {
  world.unreadMails(user.email)
  const id = await trigger(world, user)
  const code = await world.nextCode(user.email, mailMs)
  return isAccepted(await answer(world, user.user, id, code))
}

/** Signs in to the self-service; the session. */
export async function selfServiceSession(world: TestStack, { user, email, pin }: User) {
  world.unreadMails(email)
  const asked = await world.api.json('POST', '/v1/self/sessions', { user, pin })
  const { transaction_id } = asked.json
  const step = { user, transaction_id, otp: await world.nextCode(email) }
  const answered = await world.api.json('POST', '/v1/self/sessions', step)
  if (answered.status !== 201) throw new Error(`No session: ${answered.status} ${answered.text}`)
  return answered.json.session as string
}

/** Headers of an administrator's session. */
export async function adminSession({ api }: TestStack): Promise<Record<string, string>> {
  const signedIn = await api.post('/auth', { username: 'admin', password: 'admin' })
  return { authorization: signedIn.json.result.value.token as string }
}

/** Headers of an administrator who has signed in to LinOTP's wire as a browser does. */
export async function linotpSession({ api }: TestStack): Promise<Record<string, string>> {
  const form = { username: 'admin', password: 'admin' }
  const { headers } = await api.post('/linotp/admin/login', form)
  const jar = headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]!)
  const csrf = jar.find((cookie) => cookie.startsWith('csrf_access_token='))!.split('=')[1]!
  return { cookie: jar.join('; '), 'x-csrf-token': csrf }
}
