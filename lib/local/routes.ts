/** HTTP API routes and API Gateway's choice among them. */

export type Route<T> = { key: string; target: T }
export type Match<T> = { route: Route<T>; pathParameters: Record<string, string> | undefined }

type Segment = { kind: 'text' | 'parameter' | 'greedy'; name: string }
type Parsed<T> = { route: Route<T>; method: string; segments: Segment[] }

const RANK = { text: 0, parameter: 1, greedy: 2 }

/** The router for route keys such as `GET /users/{id}`, `ANY /{proxy+}` and `$default`. */
export function router<T>(routes: Route<T>[]) {
  const parsed = routes
    .filter(({ key }) => key !== '$default')
    .map(parse)
    .sort(moreSpecific)
  const fallback = routes.find(({ key }) => key === '$default')

  return (method: string, path: string): Match<T> | undefined => {
    const parts = path.split('/').slice(1)
    for (const candidate of parsed) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue
      const parameters = fit(candidate.segments, parts)
      if (!parameters) continue
      const pathParameters = Object.keys(parameters).length > 0 ? parameters : undefined
      return { route: candidate.route, pathParameters }
    }
    return fallback && { route: fallback, pathParameters: undefined }
  }
}

function parse<T>(route: Route<T>): Parsed<T> {
  const [method = '', path = ''] = route.key.split(' ')
  const segments = path.split('/').slice(1).map(parseSegment)
  return { route, method, segments }
}

function parseSegment(text: string): Segment {
  const [, name, plus] = /^\{([^}+]+)(\+?)\}$/.exec(text) ?? []
  if (!name) return { kind: 'text', name: text }
  return { kind: plus ? 'greedy' : 'parameter', name }
}

/** The first segment that differs in kind decides, then length, then a method named outright. */
function moreSpecific(a: Parsed<unknown>, b: Parsed<unknown>): number {
  const shared = Math.min(a.segments.length, b.segments.length)
  for (let i = 0; i < shared; i += 1) {
    const difference = RANK[a.segments[i]!.kind] - RANK[b.segments[i]!.kind]
    if (difference !== 0) return difference
  }
  const longer = b.segments.length - a.segments.length
  return longer || Number(a.method === 'ANY') - Number(b.method === 'ANY')
}

function fit(segments: Segment[], parts: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {}
  for (const [i, { kind, name }] of segments.entries()) {
    const text = kind === 'greedy' ? parts.slice(i).join('/') : parts[i]
    if (kind === 'text' ? text !== name : !text) return undefined
    if (kind !== 'text') parameters[name] = decoded(text!)
    if (kind === 'greedy') return parameters
  }
  return segments.length === parts.length ? parameters : undefined
}

/** Percent-decodes what can be decoded and leaves the rest as it came. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
