/** Who makes a login request, as far as the wire can tell. */
export type Caller = {
  /** The peer's address; nothing a client can say changes it. */
  clientIp: string
  userAgent?: string | undefined
  /** `Accept-Language` as it was sent. */
  language?: string | undefined
  /** The name of the valid API key that the request carries; asked only where policies want it. */
  apiKey?: (() => Promise<string | undefined>) | undefined
  /** It signs in to the self-service, an application by itself, whatever key the request carries. */
  isSelfService?: boolean
  /** That name as policies know it, empty for none; see `identified`. Undefined: none asks. */
  application?: string | undefined
}

/** A caller nothing is known of: met by no policy that is restricted to some. */
export const UNKNOWN_CALLER: Caller = Object.freeze({ clientIp: '' })
