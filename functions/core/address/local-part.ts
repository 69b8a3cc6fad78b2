import type { SyntaxFault } from './faults.ts'
import { mixesScripts } from './scripts.ts'

/** RFC 5321 §4.5.3.1.1, in octets. */
const MAX_LOCAL_PART = 64

/** RFC 5322 atext; letters, marks and digits of other scripts by RFC 6531 §3.3. */
const ATOM = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-][\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]*$/u

/** What is wrong with the part before the `@` of an address, or undefined. It must be a dot-atom. */
export function localPartFault(local: string): SyntaxFault | undefined {
  if (local === '') return 'local_empty'
  if (/[\u200c\u200d]/.test(local)) return 'invisible_character'
  const atoms = local.split('.')
  if (atoms.includes('')) return 'local_dots'
  if (!atoms.every((atom) => ATOM.test(atom))) return 'local_character'
  if (Buffer.byteLength(local) > MAX_LOCAL_PART) return 'local_too_long'
  return atoms.some(mixesScripts) ? 'mixed_scripts' : undefined
}
