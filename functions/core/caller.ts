/** Who makes a login request, as far as the wire can tell. */
export type Caller = {
  /** The peer's address; nothing a client can say changes it. */
  clientIp: string
  userAgent?: string | undefined
  /** `Accept-Language` as it was sent. */
  language?: string | undefined
  /** Whether the request carries a valid API key; asked only where a policy wants one. */
  hasApiKey?: (() => Promise<boolean>) | undefined
}

/** A caller nothing is known of: met by no policy that is restricted to some. */
export const UNKNOWN_CALLER: Caller = Object.freeze({ clientIp: '' })
