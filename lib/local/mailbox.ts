/** Every mail the local stack took, newest first; nothing leaves the machine. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import type { AddressObject } from 'mailparser'
import { readJsonFile, replaceFileSync } from './json-file.ts'

export type Message = {
  id: string
  /** ISO 8601, when it arrived. */
  date: string
  /** Bare address. */
  from: string
  /** Bare addresses. */
  to: string[]
  subject: string
  text: string
  html: string | null
  /** RFC 5322 source. */
  raw: string
}

export type Envelope = { from?: string | undefined; to?: string[] | undefined }

const CAPACITY = 1000

/** Emits `message` for every new mail and `change` whenever the list differs. */
export class Mailbox extends EventEmitter<{ message: [Message]; change: [] }> {
  #folder: string | undefined
  #messages: { message: Message; file: string }[] = []
  #sequence = 0

  /** With a folder, mails are kept in it, one file each. */
  constructor(folder?: string) {
    super()
    this.setMaxListeners(0)
    this.#folder = folder
    if (folder) this.#load(folder)
  }

  /** Newest first. */
  get messages(): Message[] {
    return this.#messages.map(({ message }) => message)
  }

  /** Takes a mail; the envelope says who really gets it. */
  async add(raw: Buffer, envelope: Envelope = {}): Promise<Message> {
    const mail = await simpleParser(raw, { skipImageLinks: true, skipTextToHtml: true })
    const message: Message = {
      id: randomUUID(),
      date: new Date().toISOString(),
      from: addresses(mail.from)[0] ?? envelope.from ?? '',
      to: envelope.to?.length ? envelope.to : [...addresses(mail.to), ...addresses(mail.cc)],
      subject: mail.subject ?? '',
      text: mail.text ?? '',
      html: typeof mail.html === 'string' ? mail.html : null,
      raw: raw.toString('utf8'),
    }
    this.#store(message)
    this.emit('message', message)
    this.emit('change')
    return message
  }

  clear(): void {
    for (const { file } of this.#messages.splice(0)) this.#remove(file)
    this.emit('change')
  }

  /** The newest mail that fits, or the first one to come. Rejects when time is up. */
  waitFor(fits: (message: Message) => boolean, timeoutMs: number): Promise<Message> {
    const present = this.messages.find(fits)
    if (present) return Promise.resolve(present)
    return new Promise((resolve, reject) => {
      const arrived = (message: Message) => {
        if (!fits(message)) return
        stop()
        resolve(message)
      }
      const timer = setTimeout(() => {
        stop()
        reject(new Error(`No such mail within ${timeoutMs} ms.`))
      }, timeoutMs)
      const stop = () => {
        clearTimeout(timer)
        this.off('message', arrived)
      }
      this.on('message', arrived)
    })
  }

  #store(message: Message): void {
    this.#sequence += 1
    const file = `${String(this.#sequence).padStart(10, '0')}.json`
    if (this.#folder) replaceFileSync(join(this.#folder, file), JSON.stringify(message))
    this.#messages.unshift({ message, file })
    for (const old of this.#messages.splice(CAPACITY)) this.#remove(old.file)
  }

  #remove(file: string): void {
    if (this.#folder) rmSync(join(this.#folder, file), { force: true })
  }

  #load(folder: string): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const files = readdirSync(folder).filter((name) => /^\d+\.json$/.test(name))
    for (const file of files.sort().reverse()) {
      this.#messages.push({ message: readJsonFile<Message>(join(folder, file))!, file })
    }
    this.#sequence = Number.parseInt(this.#messages[0]?.file ?? '0', 10)
  }
}

function addresses(header: AddressObject | AddressObject[] | undefined): string[] {
  return [header ?? []].flat().flatMap(({ value }) => value.flatMap(({ address }) => address ?? []))
}
