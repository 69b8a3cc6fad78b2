/** The clients of the bench: people who have a code mailed and type it. */
import type { Cloud } from './cloud.ts'

/** One login at a program; throws unless it succeeds. */
export type Login = (url: string, user: string) => Promise<void>

/** A login at Otpost: the code is read from the mail. */
export const loginByMail =
  ({ mails }: Cloud): Login =>
  async (url, user) => {
    const { detail } = await check(url, { user, pass: '' })
    const otp = codeIn(mails.get(`${user}@example.org`) ?? '')
    const step = { user, transaction_id: detail.transaction_id, pass: otp }
    await expectAccept(url, step)
  }

/** A login at the bare program, which takes any code. */
export const loginBlindly: Login = async (url, user) => {
  const { detail } = await check(url, { user, pass: '' })
  await expectAccept(url, { user, transaction_id: detail.transaction_id, pass: '000000' })
}

/** Has so many clients log the users in, each user once; returns the milliseconds of each login. */
export async function logIn(
  login: Login,
  url: string,
  users: string[],
  clients: number,
): Promise<number[]> {
  const waiting = [...users]
  const durations: number[] = []
  async function client() {
    for (let user = waiting.pop(); user !== undefined; user = waiting.pop()) {
      const began = performance.now()
      await login(url, user)
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

async function expectAccept(url: string, form: Record<string, string>): Promise<void> {
  const { result } = await check(url, form)
  if (result.authentication !== 'ACCEPT') throw new Error(`Not accepted: ${JSON.stringify(result)}`)
}

async function check(url: string, form: Record<string, string>): Promise<any> {
  const response = await fetch(`${url}/validate/check`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  return response.json()
}
