let known: Promise<ReadonlySet<string>> | undefined

/**
 * Whether a domain (in ASCII) or one above it is on the community's list of throw-away services
 * (github.com/disposable-email-domains). The list lies beside the bundles and is read when first
 * asked: a function that never registers an address never pays for it.
 */
export async function isDisposableDomain(domain: string): Promise<boolean> {
  known ??= readList().catch((error: unknown) => {
    known = undefined
    throw error
  })
  const list = await known
  for (let rest = domain; rest.includes('.'); rest = rest.slice(rest.indexOf('.') + 1)) {
    if (list.has(rest)) return true
  }
  return false
}

async function readList(): Promise<ReadonlySet<string>> {
  const { disposableEmailBlocklistSet } = await import('disposable-email-domains-js')
  return disposableEmailBlocklistSet()
}
