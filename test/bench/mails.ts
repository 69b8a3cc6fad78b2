/** SES that keeps mails for whoever waits for them. */
import { randomUUID } from 'node:crypto'
import type { RestService } from '../../lib/local/aws-endpoint.ts'

/** Mails and those who wait for them, by address. */
export class Mails {
  #letters = new Map<string, PromiseWithResolvers<string>>()

  arrive(address: string, source: string): void {
    this.#letterTo(address).resolve(source)
  }

  async take(address: string): Promise<string> {
    const source = await this.#letterTo(address).promise
    this.#letters.delete(address)
    return source
  }

  #letterTo(address: string): PromiseWithResolvers<string> {
    const letter = this.#letters.get(address) ?? Promise.withResolvers<string>()
    this.#letters.set(address, letter)
    return letter
  }
}

/** SES that does not parse a mail, so that it costs next to nothing. `sent` is told of each. */
export function mailSink(mails: Mails, sent: () => void): RestService {
  return {
    route(method, path, body) {
      if (method !== 'POST' || path !== '/v2/email/outbound-emails') return undefined
      const perform = async () => {
        sent()
        const { Destination, Content } = JSON.parse(body.toString())
        const source = Buffer.from(Content.Raw.Data, 'base64').toString()
        mails.arrive(Destination.ToAddresses[0], source)
        return { body: { MessageId: randomUUID() } }
      }
      return { operation: 'SendEmail', perform }
    },
  }
}
