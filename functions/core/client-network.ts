import { isIPv4, isIPv6 } from 'node:net'
import { hmacSha256 } from './hmac.ts'

const KEPT_BYTES = 12

/**
 * Names the network of a client's address (IPv4 /24, IPv6 /64) without telling it: under a key, and
 * differently in each account. Undefined for what is no address.
 */
export function clientNetwork(
  key: Uint8Array,
  account: string,
  clientIp: string,
): string | undefined {
  const prefix = prefixOf(clientIp.replace(/^::ffff:(?=\d+\.)/i, ''))
  if (prefix === undefined) return undefined
  const mac = hmacSha256(key, JSON.stringify(['network', account, prefix]))
  return mac.subarray(0, KEPT_BYTES).toString('base64')
}

function prefixOf(address: string): string | undefined {
  if (isIPv4(address)) return address.split('.').slice(0, 3).join('.')
  if (!isIPv6(address)) return undefined
  const [head = '', tail] = address.split('%')[0]!.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail ? tail.split(':').length : 0)
  const all = [
    ...groups,
    ...Array<string>(Math.max(0, missing)).fill('0'),
    ...(tail ?? '').split(':'),
  ]
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')
}
