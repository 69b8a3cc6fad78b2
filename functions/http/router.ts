import type { HttpRequest } from './request.ts'

/** What a path pattern captured, decoded. */
export type PathValues = Record<string, string>
export type Route<Handler> = { method: string; path: string; handle: Handler }
export type Match<Handler> =
  | { pattern: string; handle: Handler; values: PathValues }
  | { pattern: string; allowed: string[] }
  | undefined

/**
 * Finds the route of a request. `{name}` in a pattern stands for one segment. `allowed` names the
 * methods the path has when the request's is not one of them; undefined: no such path. HEAD is
 * answered as GET.
 */
export function findRoute<Handler>(
  routes: readonly Route<Handler>[],
  { method, path }: Pick<HttpRequest, 'method' | 'path'>,
): Match<Handler> {
  const fitting = routes.flatMap((route) => {
    const values = capture(route.path, path)
    return values ? [{ route, values }] : []
  })
  if (fitting.length === 0) return undefined
  const wanted = method === 'HEAD' ? 'GET' : method
  const found = fitting.find(({ route }) => route.method === wanted)
  return found
    ? { pattern: found.route.path, handle: found.route.handle, values: found.values }
    : {
        pattern: fitting[0]!.route.path,
        allowed: [...new Set(fitting.map(({ route }) => route.method))],
      }
}

function capture(pattern: string, path: string): PathValues | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const values: PathValues = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index]!
    if (!segment.startsWith('{')) {
      if (segment !== value) return undefined
    } else {
      const decoded = decode(value)
      if (!decoded) return undefined
      values[segment.slice(1, -1)] = decoded
    }
  }
  return values
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
