/** Replays recorded steps against the running service and tells what is different. */
import { request as httpRequest } from 'node:http'
import { canonicalJson } from '../../functions/http/privacyidea/envelope.ts'
import { type Context, type Difference, differences } from './compare.ts'
import type { SunkMail } from './mail-sink.ts'
import { Mapping } from './mapping.ts'
import type { Json, RecordedAnswer, RecordedMail, Step } from './recording.ts'
import { isSigned } from './signing.ts'
import type { World } from './world.ts'

/** What a step must come to: as recorded, or as a listed deviation says. */
export type Expected = { answer: RecordedAnswer; mail: RecordedMail[] }

export type Outcome = {
  answer: {
    status: number
    headers: Record<string, string>
    text: string
    json?: Json
    /** From the first byte sent to the last one received, seconds. */
    took: number
  }
  mails: SunkMail[]
}

/** How long an expected mail may take after the answer; nobody waits for one that is not expected. */
const MAIL_MS = 10_000

/** Sends a step's request with the running ids, codes and sessions, and collects its mails. */
export async function send(
  world: World,
  mapping: Mapping,
  { request, mail }: Step,
  due = mail.length,
): Promise<Outcome> {
  const body = request.body === undefined ? undefined : mapping.translate(request.body)
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, world.sessions.in(value)]),
  )
  const target = mapping.translate(request.url)
  const answer = await exchange(world.stack.api, request.method, target, headers, body)
  const mails = await world.sink.take(due, MAIL_MS)
  return { answer, mails }
}

/** One request as given: no header is added but for `Host` and the body's length. */
async function exchange(
  base: string,
  method: string,
  target: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Outcome['answer']> {
  const { hostname, port } = new URL(base)
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path: target, headers: { ...headers, ...length } }
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const json = parsed(text)
        resolve({
          status: response.statusCode!,
          headers: response.headers as Record<string, string>,
          text,
          took: (performance.now() - begun) / 1000,
          ...(json === undefined ? {} : { json }),
        })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** What is different between an outcome and what was expected. Learns ids and codes on the way. */
export function judge(expected: Expected, outcome: Outcome, mapping: Mapping): Difference[] {
  return [
    ...answerDifferences(expected.answer, outcome.answer, mapping),
    ...mailDifferences(expected.mail, outcome.mails, mapping),
  ]
}

function answerDifferences(
  recorded: RecordedAnswer,
  running: Outcome['answer'],
  mapping: Mapping,
): Difference[] {
  const context: Context = {
    mapping,
    recordedAt: timeOf(recorded.json),
    runningAt: timeOf(running.json),
    took: running.took,
  }
  const head = (name: string) => recorded.headers[name]?.toLowerCase()
  const found: Difference[] = []
  const look = (at: string, was: unknown, is: unknown) => {
    if (was !== is) found.push({ at, recorded: was, running: is })
  }
  look('status', recorded.status, running.status)
  if (recorded.json !== undefined) {
    found.push(...differences(recorded.json, running.json, context))
    if (isRecordedSigned(recorded)) look('signature', true, isSigned(running.json ?? null))
    // Sorted keys, `, ` and `: `, ASCII only: what the reference signs, byte by byte.
    if (running.json !== undefined) look('bytes', canonicalJson(running.json), running.text)
  } else {
    look('text', undated(recorded.text ?? ''), undated(running.text))
  }
  look('Content-Type', head('Content-Type'), running.headers['content-type']?.toLowerCase())
  if (recorded.headers['Cache-Control']) {
    look('Cache-Control', head('Cache-Control'), running.headers['cache-control'])
  }
  return found
}

const undated = (text: string) => text.replace(/\d{4}-\d\d-\d\dT[\d:]+\+00:00/g, '<date>')

/** A mail's text without the moment it was sent at. */
const timeless = (text: string) =>
  text.replace(/\b\d\d:\d\d:\d\d\b/g, '<time>').replace(/\b\d{4}-\d\d-\d\d\b/g, '<date>')

const isRecordedSigned = ({ json }: RecordedAnswer) =>
  typeof json === 'object' && json !== null && 'signature' in json

function timeOf(json: Json | undefined): number {
  const time = (json as { time?: unknown } | undefined)?.time
  return typeof time === 'number' ? time : Number.NaN
}

function mailDifferences(
  recorded: RecordedMail[],
  running: SunkMail[],
  mapping: Mapping,
): Difference[] {
  if (recorded.length !== running.length) {
    return [{ at: 'mails', recorded: recorded.map(summary), running: running.map(sunkSummary) }]
  }
  const byRecipient = running.toSorted((a, b) => (String(a.to) < String(b.to) ? -1 : 1))
  return recorded
    .toSorted((a, b) => (String(a.to) < String(b.to) ? -1 : 1))
    .flatMap((mail, index) => oneMail(mail, byRecipient[index]!, mapping, `mail[${index}]`))
}

const summary = ({ to, body }: RecordedMail) => `${to.join()}: ${body}`
const sunkSummary = ({ to, text }: SunkMail) => `${to.join()}: ${text}`

function oneMail(
  recorded: RecordedMail,
  running: SunkMail,
  mapping: Mapping,
  at: string,
): Difference[] {
  const isHtml = recorded.headers['Content-Type']?.startsWith('text/html')
  const body = isHtml ? String(running.html) : running.text
  mapping.learnCodes(recorded.body, body)
  const addresses = (name: string) =>
    (running.headers.get(name) as { text?: string } | undefined)?.text
  const pairs: [string, string | undefined, string | undefined][] = [
    ['envelope.from', recorded.from, running.from],
    ['envelope.to', recorded.to.join(), running.to.join()],
    ['Subject', mapping.translate(recorded.headers.Subject ?? ''), running.subject],
    ['From', recorded.headers.From, addresses('from')],
    ['To', recorded.headers.To, addresses('to')],
    ['body', timeless(mapping.translate(recorded.body)), timeless(body)],
  ]
  return pairs
    .filter(([, was, is]) => was !== is)
    .map(([name, was, is]) => ({ at: `${at}.${name}`, recorded: was, running: is }))
}
