/** A browser that is signed in to `/linotp/admin`. */
import type { AdminWorld } from '../privacyidea/admin-world.ts'
import { ADMIN } from '../privacyidea/admin-world.ts'
import type { Answer, Send } from '../../support/http.ts'

/** `name=value` of every `Set-Cookie`. */
export const jarOf = ({ cookies }: Pick<Answer, 'cookies'>): string[] =>
  cookies.map((cookie) => cookie.split(';', 1)[0]!)

export const csrfIn = (jar: string[]): string =>
  jar.find((cookie) => cookie.startsWith('csrf_access_token='))!.split('=')[1]!

/** Signs in and gives a function that calls with the cookies and `X-CSRF-TOKEN`. */
export async function signedIn(
  world: Pick<AdminWorld, 'send'>,
  form: Record<string, string> = ADMIN,
) {
  const jar = jarOf(await world.send('/linotp/admin/login', { form }))
  const csrf = csrfIn(jar)
  const call = (path: string, options: Send = {}): Promise<Answer> =>
    world.send(`/linotp${path}`, {
      cookies: jar,
      ...options,
      headers: { 'x-csrf-token': csrf, ...options.headers },
    })
  return {
    jar,
    csrf,
    call,
    get: (path: string, query: Record<string, string> = {}) =>
      call(path, { method: 'GET', query: new URLSearchParams(query).toString() }),
    post: (path: string, form: Record<string, string> | string = {}) =>
      call(path, { method: 'POST', form }),
  }
}
export type Browser = Awaited<ReturnType<typeof signedIn>>

/** What an answer says, in short: its value, or its error. */
export function told({ status, json }: Answer) {
  const { result } = json
  return result.status ? { status, value: result.value } : { status, ...result.error }
}
