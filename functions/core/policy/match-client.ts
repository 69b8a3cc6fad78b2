import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { excludedBy } from './match-list.ts'
import type { ListMatch } from './match-list.ts'
import type { Policy } from './policy.ts'

type Clients = { listed: Networks; excluded: Networks; everybody: boolean }

const clientsOf = new WeakMap<Policy, Clients>()

/** Looks an address up in the addresses and subnets of a policy. What is no address is not listed. */
export function matchClient(policy: Policy, address: string): ListMatch {
  if (policy.client.length === 0) return 'unrestricted'
  if (!isIP(address)) return 'unlisted'

  const { listed, excluded, everybody } = clientsOf.get(policy) ?? compile(policy)
  if (holds(excluded, address)) return 'excluded'
  return everybody || holds(listed, address) ? 'listed' : 'unlisted'
}

function compile(policy: Policy): Clients {
  const clients = { listed: noNetworks(), excluded: noNetworks(), everybody: false }
  for (const entry of policy.client) {
    const excluded = excludedBy(entry)
    if (entry === '*') clients.everybody = true
    else if (excluded === undefined) add(clients.listed, entry)
    else add(clients.excluded, excluded)
  }
  clientsOf.set(policy, clients)
  return clients
}

/** Apart, because in one BlockList an IPv4 address is one of `::/0`. */
type Networks = { ipv4: BlockList; ipv6: BlockList }

const noNetworks = (): Networks => ({ ipv4: new BlockList(), ipv6: new BlockList() })

function add(networks: Networks, network: string) {
  const [address, prefix] = network.split('/') as [string, string?]
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (prefix === undefined) networks[family].addAddress(address, family)
  else networks[family].addSubnet(address, Number(prefix), family)
}

/** An IPv6 address may be a mapped IPv4 address (`::ffff:10.0.0.1`), which BlockList understands. */
function holds({ ipv4, ipv6 }: Networks, address: string): boolean {
  if (isIPv4(address)) return ipv4.check(address, 'ipv4')
  return ipv6.check(address, 'ipv6') || ipv4.check(address, 'ipv6')
}
