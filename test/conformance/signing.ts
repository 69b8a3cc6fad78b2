/** The key the running service signs its answers with, and the check a client makes. */
import { constants, generateKeyPairSync, verify } from 'node:crypto'
import { canonicalJson } from '../../functions/http/privacyidea/envelope.ts'
import type { Json } from './recording.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

export const SIGNING_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Whether the signature of an answer covers the rest of it. */
export function isSigned(answer: Json): boolean {
  const { signature, ...signed } = answer as { [name: string]: Json }
  const [algorithm, hex] = String(signature).split(':')
  const options = {
    key: publicKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_AUTO,
  }
  const bytes = Buffer.from(hex ?? '', 'hex')
  return (
    algorithm === 'rsa_sha256_pss' &&
    verify('sha256', Buffer.from(canonicalJson(signed)), options, bytes)
  )
}
