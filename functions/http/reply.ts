/** What goes back to API Gateway. */
export type Reply = {
  statusCode: number
  headers: Record<string, string>
  /** `Set-Cookie`, one each. */
  cookies?: string[]
  body: string
}

/** Nothing here may be cached, framed, sniffed or leak a referrer. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
}

/** A reply in JSON. */
export function jsonReply(
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): Reply {
  return textReply(statusCode, JSON.stringify(body), 'application/json', headers)
}

/** A reply in any other type. */
export function textReply(
  statusCode: number,
  body: string,
  type = 'text/plain; charset=utf-8',
  headers: Record<string, string> = {},
): Reply {
  return { statusCode, headers: { ...HEADERS, 'content-type': type, ...headers }, body }
}

/** A reply that says nothing but that it was done. */
export const emptyReply = (): Reply => ({ statusCode: 204, headers: { ...HEADERS }, body: '' })
