import { refusalClause } from '../core/address/faults.ts'
import { normaliseAddress } from '../core/address/normalise-address.ts'
import { MalformedRequestError } from './errors.ts'

/**
 * The address a parameter holds, as it is to be stored. Throws a {@link MalformedRequestError} that
 * names the parameter and says what to do.
 */
export function typedAddress(name: string, text: string): string {
  const reading = normaliseAddress(text)
  if ('address' in reading) return reading.address
  throw new MalformedRequestError(`${name} ${refusalClause(reading)}.`, name)
}
