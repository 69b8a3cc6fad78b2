import { type Reply, textReply } from './reply.ts'
import type { HttpRequest } from './request.ts'

/** As the framework of both reference servers puts it. */
const METHOD_NOT_ALLOWED =
  '<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n' +
  '<h1>Method Not Allowed</h1>\n<p>The method is not allowed for the requested URL.</p>\n'

/** A path that is there, asked with a method it has not; `OPTIONS` is told which it has. */
export function otherMethod({ method }: Pick<HttpRequest, 'method'>, allowed: string[]): Reply {
  const head = allowed.includes('GET') ? ['HEAD'] : []
  const allow = [...head, 'OPTIONS', ...allowed.toSorted()].join(', ')
  const [status, body] = method === 'OPTIONS' ? [200, ''] : [405, METHOD_NOT_ALLOWED]
  const headers = { allow, 'cache-control': 'no-cache' }
  return textReply(status, body, 'text/html; charset=utf-8', headers)
}
