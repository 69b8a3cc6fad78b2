import { expect, it } from 'vitest'
import { jsonLog } from '../../functions/adapters/json-log.ts'

function logAt(level: 'info' | 'warn' | 'error') {
  const lines: string[] = []
  const log = jsonLog({ now: () => 0, level: () => level, write: (line) => void lines.push(line) })
  return { log, lines }
}

it('writes what is severe enough', () => {
  const { log, lines } = logAt('warn')
  log('info', 'little')
  log('warn', 'much', { error: new TypeError('odd') })
  expect(lines).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"much","error":"TypeError: odd"}',
  ])
})

it('writes what is to be recorded whatever the level', () => {
  const { log, lines } = logAt('error')
  log('info', 'request', { record: 'audit' })
  log('info', 'delivered', { record: 'delivery' })
  expect(lines).toHaveLength(2)
})
