/** The password of a managed provider in a request: in the body or a header, never in the URL. */
import { MalformedRequestError } from './errors.ts'
import type { Parameters } from './parameters.ts'
import type { HttpRequest } from './request.ts'

/** For requests without a body. Percent-encoded, since a header holds neither umlauts nor blanks at its ends. */
export const MANAGED_HEADER = 'otpost-managed'

const PARAMETER = 'managed'
const LONGEST = 200
/** What a header may hold of ASCII, and whole octets in percent-encoding. */
const ENCODED = /^(?:[ -$&-~]|%[0-9a-f]{2})*$/i

/** The password in the header; undefined: there is none. Throws MalformedRequestError. */
export function managedInHeader({ headers }: Pick<HttpRequest, 'headers'>): string | undefined {
  const encoded = headers[MANAGED_HEADER]
  if (!encoded) return undefined
  const password = ENCODED.test(encoded) ? decoded(encoded) : undefined
  if (password === undefined) {
    const accepted = 'the password in UTF-8, percent-encoded as by encodeURIComponent'
    throw malformed(MANAGED_HEADER, `cannot be decoded. Accepted: ${accepted}.`)
  }
  const { length } = [...password]
  if (length <= LONGEST) return password
  throw malformed(MANAGED_HEADER, `has ${length} characters; at most ${LONGEST} are accepted.`)
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/**
 * The password in the body, or else in the header; undefined: there is none. Throws
 * MalformedRequestError, also for one in the URL, which servers on the way write into their logs.
 */
export function managedPassword(request: HttpRequest, parameters: Parameters): string | undefined {
  if (new URLSearchParams(request.query).has(PARAMETER)) {
    const accepted = `the body, or the header ${MANAGED_HEADER}`
    throw malformed(PARAMETER, `is a password and has no place in the URL. Accepted: ${accepted}.`)
  }
  return parameters.named(PARAMETER) ?? managedInHeader(request)
}

const malformed = (name: string, why: string) => new MalformedRequestError(`${name} ${why}`, name)
