import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { logEvents } from '../../functions/adapters/logs-event.ts'

const event = (message: object) => ({
  awslogs: { data: gzipSync(JSON.stringify(message)).toString('base64') },
})

it('reads the lines CloudWatch passes, with their ids', () => {
  const lines = [{ id: '1', timestamp: 1, message: '{"a":"ü"}' }]
  expect(logEvents(event({ messageType: 'DATA_MESSAGE', logEvents: lines }))).toEqual(lines)
})

it('has no lines where CloudWatch checks whether anybody listens', () => {
  const lines = [{ id: '', timestamp: 1, message: 'CWL CONTROL MESSAGE' }]
  expect(logEvents(event({ messageType: 'CONTROL_MESSAGE', logEvents: lines }))).toEqual([])
})
