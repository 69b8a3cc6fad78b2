import { setTimeout } from 'node:timers/promises'
import type { ReadStream } from 'node:tty'
import type { Io } from './command.ts'

/** The terminal, or the pipes, this process was started with. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process
  const interruption = new AbortController()
  // Whoever reads our output may have seen enough: `otpost user list | head`.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    watched: stderr.isTTY === true,
    stdin,
    ask: stdin.isTTY && stderr.isTTY ? (question) => askWithoutEcho(stdin, question) : undefined,
    env,
    now: Date.now,
    sleep: (ms) => setTimeout(ms),
    interruption() {
      process.on('SIGINT', () => interruption.abort())
      return interruption.signal
    },
  }
}

const ENTER = ['\r', '\n']
const BACKSPACE = ['\b', '\x7F']
const CTRL_C = '\x03'
const CTRL_D = '\x04'
const INTERRUPTED = 130

/** Asks on stderr, so that stdout may be piped; what is typed is not shown. */
function askWithoutEcho(input: ReadStream, question: string): Promise<string> {
  process.stderr.write(question)
  input.setEncoding('utf8').setRawMode(true).resume()
  const typed: string[] = []
  return new Promise((resolve) => {
    const finish = () => {
      input.off('data', take).setRawMode(false).pause()
      process.stderr.write('\n')
    }
    const take = (keys: string) => {
      for (const key of keys) {
        if (ENTER.includes(key) || key === CTRL_D) {
          finish()
          return resolve(typed.join(''))
        }
        if (key === CTRL_C) {
          finish()
          process.exit(INTERRUPTED)
        }
        if (BACKSPACE.includes(key)) typed.pop()
        else typed.push(key)
      }
    }
    input.on('data', take)
  })
}
