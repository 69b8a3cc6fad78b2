/** How the password of a managed provider is kept: as a PIN is, by salt and MAC. */
import type { PinHash } from './account.ts'
import type { Kind } from './setting-kinds.ts'

/** 16 and 32 octets in Base64. */
const HASH = /^([A-Za-z0-9+/]{22}==)\.([A-Za-z0-9+/]{43}=)$/

export const managedHash: Kind<PinHash> = {
  accepted: 'what Otpost made of the password, `<salt>.<MAC>`',
  confidential: true,
  read(text) {
    const [, salt, mac] = HASH.exec(text) ?? []
    return salt !== undefined && mac !== undefined
      ? { value: { salt, mac } }
      : { refused: 'is not the hash of a password' }
  },
}

/** The hash as {@link managedHash} reads it. */
export const formatManaged = ({ salt, mac }: PinHash): string => `${salt}.${mac}`
