import { describe, expect, it } from 'vitest'
import { Gate } from '../../../lib/cli/import/gate.ts'

const failed = (gate: Gate) => gate.run(() => Promise.reject(new Error('busy'))).catch(() => {})
const passed = (gate: Gate) => gate.run(async () => {})

describe('a gate', () => {
  it('never has more inside than it may', async () => {
    const gate = new Gate(3)
    let inside = 0
    let most = 0
    const visit = () =>
      gate.run(async () => {
        most = Math.max(most, ++inside)
        await new Promise((resolve) => setTimeout(resolve, 1))
        inside--
      })
    await Promise.all(Array.from({ length: 20 }, visit))
    expect({ most, inside }).toEqual({ most: 3, inside: 0 })
  })

  it('lets half as many in after a failure, one at least', async () => {
    const gate = new Gate(4)
    const limits = []
    for (let time = 0; time < 4; time++) {
      limits.push(gate.limit)
      await failed(gate)
    }
    expect(limits).toEqual([4, 2, 1, 1])
  })

  it('opens again while all goes well, and no wider than at first', async () => {
    const gate = new Gate(2)
    await failed(gate)
    for (let time = 0; time < 7; time++) await passed(gate)
    expect(gate.limit).toBe(1)
    for (let time = 0; time < 30; time++) await passed(gate)
    expect(gate.limit).toBe(2)
  })

  it('hands on a failure', async () => {
    await expect(new Gate(1).run(() => Promise.reject(new Error('busy')))).rejects.toThrow('busy')
  })
})
