/** Makes this process trust an authority as if it were a public one, until it is taken back. */
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

/** Returns what takes it back. */
export function trust(ca: string): () => void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, ca])
  return () => setDefaultCACertificates(before)
}
