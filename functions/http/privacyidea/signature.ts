import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { sameVersion, type SecretVersion } from '../../core/secret-version.ts'
import type { Settings } from '../../core/settings.ts'

/** Gives what signs answers while these settings are in force; undefined: they are not signed. */
export type SignerSource = (settings: Settings) => Promise<Signer | undefined>
export type Signer = (text: string) => string

/** Gives the private key of that version in PEM; undefined when there is none. */
export type SigningKeyReader = (version: SecretVersion) => Promise<string | undefined>

/**
 * Signs by the key that the settings name. It is read once for each version. An answer that cannot
 * be signed is not given: clients that check signatures would take it for forged.
 */
export function signerSource(read: SigningKeyReader): SignerSource {
  let kept: { version: SecretVersion; signer: Promise<Signer> } | undefined
  return async (settings) => {
    const version = settings.secrets.get('signing.key')
    if (version === undefined) return undefined
    if (!kept || !sameVersion(kept.version, version)) {
      const signer = load(read, version)
      kept = { version, signer }
      signer.catch(() => (kept = undefined))
    }
    return kept.signer
  }
}

async function load(read: SigningKeyReader, version: SecretVersion): Promise<Signer> {
  const pem = await read(version)
  if (pem === undefined) throw new Error(`signing.key has no version ${version.version}.`)
  return signer(createPrivateKey(pem))
}

/** `rsa_sha256_pss:` and the signature in hex, with the longest salt (RFC 8017 §8.1). */
export const signer =
  (key: KeyObject): Signer =>
  (text) => {
    const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_MAX_SIGN: saltLength } = constants
    const signature = sign('sha256', Buffer.from(text), { key, padding, saltLength })
    return `rsa_sha256_pss:${signature.toString('hex')}`
  }
