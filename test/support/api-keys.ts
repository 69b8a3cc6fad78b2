import { issueApiKey, listOfKeys } from '../../functions/core/api-key.ts'
import type { Ports } from '../../functions/core/ports.ts'

/** A new API key that the settings list, for an hour. */
export async function apiKeyIn(
  ports: Ports,
  set: (changes: Record<string, string>) => void,
  name = 'vpn',
): Promise<string> {
  const { key, listed } = await issueApiKey(ports, name, 3600)
  set({ api_keys: listOfKeys([listed]) })
  return key
}
