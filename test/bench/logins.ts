/** The clients of the bench. */
import type { Cloud } from './cloud.ts'

/** Who is there to answer a code, and with what. */
export type LoginOptions = {
  url: string
  /** What the client types when the mail has come. */
  read: (mail: string) => string
}

/** One login: has a code mailed, waits for the mail and answers. Throws unless it succeeds. */
async function login(cloud: Cloud, { url, read }: LoginOptions, user: string): Promise<void> {
  const { detail } = await check(url, { user, pass: '' })
  const mail = await cloud.takeMail(`${user}@example.org`)
  const form = { user, transaction_id: detail.transaction_id, pass: read(mail) }
  const { result } = await check(url, form)
  if (result.authentication !== 'ACCEPT') throw new Error(`Not accepted: ${JSON.stringify(result)}`)
}

/** Has so many clients log the users in, each user once; returns the milliseconds of each login. */
export async function logIn(
  cloud: Cloud,
  options: LoginOptions,
  users: string[],
  clients: number,
): Promise<number[]> {
  const waiting = [...users]
  const durations: number[] = []
  async function client() {
    for (let user = waiting.pop(); user !== undefined; user = waiting.pop()) {
      const began = performance.now()
      await login(cloud, options, user)
      durations.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return durations
}

/** The code a person would read in the mail. */
export function codeIn(source: string): string {
  const code = /^\s*([0-9]{6})\s*$/m.exec(source)?.[1]
  if (!code) throw new Error('There is no code in the mail.')
  return code
}

async function check(url: string, form: Record<string, string>): Promise<any> {
  const response = await fetch(`${url}/validate/check`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  return response.json()
}
