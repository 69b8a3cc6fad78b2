import { Agent as HttpAgent, request as byHttp } from 'node:http'
import { Agent as HttpsAgent, request as byHttps } from 'node:https'

export type PostReply = { status: number; text: string }

/** One POST, over a connection that is kept. Rejects without a whole answer within `timeoutMs`. */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
) => Promise<PostReply>

const kept = { keepAlive: true }
const overHttps = { request: byHttps, agent: new HttpsAgent(kept) }
/** The local stack's, on the loopback address. */
const overHttp = { request: byHttp, agent: new HttpAgent(kept) }

/** By Node's own client, which the AWS SDK has loaded anyway: the first `fetch` costs 50 ms more. */
export const post: Post = (url, headers, body, timeoutMs) =>
  new Promise((resolve, reject) => {
    const { request, agent } = url.startsWith('https:') ? overHttps : overHttp
    const sent = request(url, { method: 'POST', headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () => {
        clearTimeout(timer)
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, text })
      })
    })
    const timer = setTimeout(
      () => sent.destroy(new Error(`No answer within ${timeoutMs} ms.`)),
      timeoutMs,
    )
    function fail(error: Error) {
      clearTimeout(timer)
      reject(error)
    }
    sent.on('error', fail).end(body)
  })
