/** How each plugin decides on an answer, and what it would do then. */
import type { RawReply } from './raw-http.ts'

/**
 * - `accept`: the user is in; `challenge`: the plugin asks for the code; `reject`: the user is out
 * - `signed_in`, `pending`: what plugins do beside logins
 * - `broken`: the plugin would fail over the answer
 */
export type Verdict = 'accept' | 'challenge' | 'reject' | 'signed_in' | 'pending' | 'broken'

export type Judge = (reply: RawReply) => Verdict

type Body = {
  detail?: any
  result?: { status?: unknown; value?: any; authentication?: unknown; error?: any }
  time?: unknown
  versionnumber?: unknown
}

/** Reads the body as the plugin's JSON parser does; `broken` is what a parse error comes to. */
const onJson =
  (decide: (body: Body, reply: RawReply) => Verdict): Judge =>
  (reply) => {
    let body: Body
    try {
      body = JSON.parse(reply.body) as Body
    } catch {
      return 'broken'
    }
    return decide(body, reply)
  }

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isId = (value: unknown) => typeof value === 'string' && /^\d{20}$/.test(value)

export const freeradius = onJson(({ result, detail }) => {
  if (!result?.status) return Number.isInteger(result?.error?.code) ? 'reject' : 'broken'
  if (result.value) return isText(detail?.serial) ? 'accept' : 'broken'
  if (!detail?.transaction_id) return 'reject'
  // State and Reply-Message of the Access-Challenge.
  return isId(detail.transaction_id) && isText(detail.message) ? 'challenge' : 'broken'
})

export const pamPython = onJson(({ result, detail }) => {
  if (!result?.status) return isText(result?.error?.message) ? 'reject' : 'broken'
  if (result.value) return 'accept'
  return detail?.transaction_id && isText(detail.message) ? 'challenge' : 'reject'
})

export const pamCpp = onJson(({ result, detail }) => {
  if (result?.error !== undefined && typeof result.error !== 'object') return 'broken'
  if (result?.error) return 'reject'
  if (typeof result?.value !== 'boolean') return 'broken'
  if (result.value) return 'accept'
  if (!detail?.transaction_id) return 'reject'
  const typed = detail.multi_challenge.every(
    (one: Record<string, unknown>) => one.type === 'email' && one.client_mode === 'interactive',
  )
  return typed ? 'challenge' : 'broken'
})

export const pamC: Judge = (reply) => {
  if (!reply.body.startsWith('{')) return 'broken'
  return onJson(({ result }) => (result?.authentication === 'ACCEPT' ? 'accept' : 'reject'))(reply)
}

/** What both SDKs make of `/auth` and of polling. */
function besideLogins({ result, detail }: Body): Verdict | undefined {
  if (isText(result?.value?.token)) return result.value.role === 'admin' ? 'signed_in' : 'broken'
  return detail?.challenge_status === 'pending' ? 'pending' : undefined
}

function sdkVerdict({ result, detail }: Body): Verdict {
  if (result?.error) {
    const { code, message } = result.error
    return Number.isInteger(code) && isText(message) ? 'reject' : 'broken'
  }
  if (result?.authentication === 'ACCEPT') return 'accept'
  if (result?.authentication === 'REJECT') return isText(detail?.message) ? 'reject' : 'broken'
  const whole =
    isId(detail?.transaction_id) &&
    isText(detail.message) &&
    detail.preferred_client_mode === 'interactive' &&
    detail.multi_challenge.length > 0 &&
    detail.multi_challenge.every(
      (one: Record<string, unknown>) =>
        isText(one.message) && isId(one.transaction_id) && isText(one.serial) && isText(one.type),
    )
  return result?.authentication === 'CHALLENGE' && whole ? 'challenge' : 'broken'
}

export const php = onJson((body) => besideLogins(body) ?? sdkVerdict(body))

export const java = onJson((body) => {
  if (typeof body.time !== 'number') return 'broken'
  const beside = besideLogins(body)
  if (beside === 'signed_in') return readableInJava(body.result!.value.token) ? beside : 'broken'
  return beside ?? sdkVerdict(body)
})

/** Java's plain Base64 decoder refuses `-` and `_` in the payload, and needs an `exp`. */
function readableInJava(token: string): boolean {
  const payload = token.split('.')[1]!
  const claims = JSON.parse(Buffer.from(payload, 'base64').toString()) as { exp?: unknown }
  return /^[\w+/]+$/.test(payload) && !payload.includes('_') && typeof claims.exp === 'number'
}

export const owncloud = onJson(({ result, detail, versionnumber }, { status }) => {
  if (isText(result?.value?.token)) {
    const mayTrigger = result.value.rights.includes('triggerchallenge')
    return mayTrigger && String(versionnumber).startsWith('3.') ? 'signed_in' : 'broken'
  }
  if (status !== 200) return Number.isInteger(result?.error?.code) ? 'reject' : 'broken'
  if (result?.status !== true || typeof detail !== 'object' || detail === null) return 'broken'
  if (detail.transaction_ids?.length > 0) return 'challenge'
  return result.value ? 'accept' : 'reject'
})

export const jitsi = onJson(({ result }, { status }) =>
  status < 300 && result?.value ? 'accept' : 'reject',
)

export const nginx = onJson(({ result }, { status }) =>
  status === 200 && result?.status === true && result.value === true ? 'accept' : 'reject',
)

export const apache = onJson(({ result }, { status }) =>
  status === 200 && result?.value ? 'accept' : 'reject',
)

export const django = onJson(({ result }, { status }) => {
  if (status !== 200) return 'reject'
  const { auth, attributes } = result?.value ?? {}
  if (typeof auth !== 'boolean') return 'broken'
  if (!auth) return 'reject'
  const named = ['surname', 'givenname', 'email'].every((name) => isText(attributes?.[name]))
  return named ? 'accept' : 'broken'
})

/** One line of text: a smile, or a frown that may be followed by what to ask for. */
export const simplecheck: Judge = ({ status, body }) => {
  if (status < 200 || status > 299) return 'reject'
  if (body === ':-)') return 'accept'
  const [, state, message] = /^:-\( (\S+) (.+)$/.exec(body) ?? []
  if (state !== undefined) return isId(state) && isText(message) ? 'challenge' : 'broken'
  return body === ':-(' ? 'reject' : 'broken'
}

/** The same for plugins that know the smile only. */
export const smile: Judge = ({ status, body }) => {
  if (status === 200 && body === ':-)') return 'accept'
  return body.startsWith(':-(') && body.length <= 16_384 ? 'reject' : 'broken'
}

export const javaIdp = onJson(({ result, detail }) => {
  if (result?.status !== true || typeof result.value !== 'boolean') return 'broken'
  if (result.value) return 'accept'
  if (detail?.transactionid === undefined) return 'reject'
  return isId(detail.transactionid) && isText(detail.message) ? 'challenge' : 'broken'
})

export const openvpn = onJson(({ result }, { status }) =>
  status === 200 && result?.status === true && result.value === true ? 'accept' : 'reject',
)

export const wordpress = onJson(({ result }) =>
  result?.status === true && result.value === true ? 'accept' : 'reject',
)
