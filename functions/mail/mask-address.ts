const SHOWN = 2
const MASKED_LENGTH = 10

/**
 * The address as a person may see it before login, by privacyIDEA's rule:
 * `al********@f****.example` for `alice@firma.example`. An address without `@` is masked whole.
 */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  const local = at < 0 ? '' : address.slice(0, at)
  const domain = at < 0 ? '' : address.slice(at + 1)

  const shown = Array.from(local).slice(0, SHOWN).join('')
  const first = Array.from(domain)[0] ?? ''
  const dot = domain.lastIndexOf('.')
  const topLevel = dot < 0 ? '' : domain.slice(dot + 1)
  return `${shown.padEnd(MASKED_LENGTH, '*')}@${first}****.${topLevel}`
}
