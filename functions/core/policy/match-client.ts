import { BlockList, isIP, isIPv6 } from 'node:net'
import { excludedBy } from './match-list.ts'
import type { ListMatch } from './match-list.ts'
import type { Policy } from './policy.ts'

type Networks = { listed: BlockList; excluded: BlockList; everybody: boolean }

const networksOf = new WeakMap<Policy, Networks>()

/** Looks an address up in the addresses and subnets of a policy. What is no address is not listed. */
export function matchClient(policy: Policy, address: string): ListMatch {
  if (policy.client.length === 0) return 'unrestricted'
  if (!isIP(address)) return 'unlisted'

  const { listed, excluded, everybody } = networksOf.get(policy) ?? compile(policy)
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (excluded.check(address, family)) return 'excluded'
  return everybody || listed.check(address, family) ? 'listed' : 'unlisted'
}

function compile(policy: Policy): Networks {
  const networks = { listed: new BlockList(), excluded: new BlockList(), everybody: false }
  for (const entry of policy.client) {
    const excluded = excludedBy(entry)
    if (entry === '*') networks.everybody = true
    else if (excluded === undefined) add(networks.listed, entry)
    else add(networks.excluded, excluded)
  }
  networksOf.set(policy, networks)
  return networks
}

function add(list: BlockList, network: string) {
  const [address, prefix] = network.split('/') as [string, string?]
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (prefix === undefined) list.addAddress(address, family)
  else list.addSubnet(address, Number(prefix), family)
}
