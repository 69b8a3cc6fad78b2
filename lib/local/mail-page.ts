/** The mailbox in a browser, and the small API for scripts beside it. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from './aws-error.ts'
import { splitTarget } from './gateway-event.ts'
import { close, isOwnRequest, listen, LOOPBACK, readBody } from './loopback.ts'
import type { Mailbox } from './mailbox.ts'
import type { Settings } from './settings.ts'

export type MailPage = { url: string; stop(): Promise<void> }

export type MailPageOptions = {
  /** 0 picks a free one. */
  port: number
  mailbox: Mailbox
  settings: Settings
  /** What `GET /api/stack` answers. */
  describe: () => object
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

const MAX_BODY = 1024 * 1024
const HEADERS = {
  // Mail is shown in a sandboxed frame that inherits this policy: its inline styles may apply, its
  // scripts and remote images may not.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

export async function startMailPage(options: MailPageOptions): Promise<MailPage> {
  const handlers = routes(options)
  const server = createServer((request, response) => {
    const { path } = splitTarget(request.url ?? '/')
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const handler = handlers[`${method} ${path}`]
    if (!isOwnRequest(request)) return json(response, 403, { error: 'This page is local only.' })
    if (!handler) return json(response, 404, { error: `There is no ${request.method} ${path}.` })
    Promise.resolve(handler(request, response)).catch((error: unknown) => refuse(response, error))
  })
  const port = await listen(server, options.port, 'OTPOST_MAIL_PORT')
  return { url: `http://${LOOPBACK}:${port}`, stop: () => close(server) }
}

function routes({ mailbox, settings, describe }: MailPageOptions): Record<string, Handler> {
  return {
    'GET /': asset('index.html', 'text/html'),
    'GET /app.js': asset('app.js', 'text/javascript'),
    'GET /style.css': asset('style.css', 'text/css'),
    'GET /icon.svg': asset('icon.svg', 'image/svg+xml'),
    'GET /api/messages': (_request, response) => json(response, 200, mailbox.messages),
    'GET /api/messages/changes': (_request, response) => stream(mailbox, response),
    'DELETE /api/messages': (_request, response) => {
      mailbox.clear()
      response.writeHead(204, HEADERS).end()
    },
    'GET /api/parameters': (_request, response) => json(response, 200, settings.values()),
    'PUT /api/parameters': async (request, response) =>
      json(response, 200, await settings.replace(await text(request))),
    'PATCH /api/parameters': async (request, response) =>
      json(response, 200, await settings.merge(await text(request))),
    'GET /api/stack': (_request, response) => json(response, 200, describe()),
  }
}

function asset(name: string, type: string): Handler {
  const content = readFileSync(new URL(`./page/${name}`, import.meta.url))
  return (_request, response) => {
    response.writeHead(200, { ...HEADERS, 'content-type': `${type}; charset=utf-8` }).end(content)
  }
}

/** Server-sent events: one now, one whenever the list changed. */
function stream(mailbox: Mailbox, response: ServerResponse): void {
  const tell = () => response.write('data: changed\n\n')
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
  tell()
  mailbox.on('change', tell)
  response.on('close', () => mailbox.off('change', tell))
}

async function text(request: IncomingMessage): Promise<string> {
  const body = await readBody(request, MAX_BODY)
  if (!body) throw new AwsError('ValidationException', 'The body is too large.')
  return body.toString()
}

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof AwsError) return json(response, 400, { error: error.message })
  console.error(error)
  if (response.headersSent) response.destroy()
  else json(response, 500, { error: 'The local stack failed.' })
}

function json(response: ServerResponse, status: number, value: unknown): void {
  const type = { 'content-type': 'application/json; charset=utf-8' }
  response.writeHead(status, { ...HEADERS, ...type }).end(JSON.stringify(value))
}
