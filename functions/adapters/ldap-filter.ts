/** Names in LDAP filters. */

/** A value as a filter must have it, so that it is nothing but a value (RFC 4515 §3). */
const escapeFilter = (value: string): string =>
  value.replace(
    /[\\*()\0]/g,
    (special) => `\\${special.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

/** The filter of one user. */
export const filterOf = (template: string, login: string): string =>
  template.replaceAll('{login}', () => escapeFilter(login))

/** The filter of the users whose name begins so. */
export const prefixFilterOf = (template: string, prefix: string): string =>
  template.replaceAll('{login}', () => `${escapeFilter(prefix)}*`)
