import { describe, expect, it } from 'vitest'
import { emlOf, image } from '../../mail/eml.ts'
import { createOperator } from './operator.ts'

const base64 = (eml: Buffer) => eml.toString('base64')
const GOOD = base64(emlOf({ subject: 'Code', text: '${otp}\n' }))

describe('templates', () => {
  it('are saved by the name LinOTP gives them, shown and listed', async () => {
    const { done } = createOperator()
    const saved = await done('template.put', { name: 'file://enroll2user.eml', source: GOOD })
    expect(saved).toMatchObject({ name: 'enroll2user', subject: 'Code', findings: [] })
    const shown = await done('template.show', { name: 'enroll2user' })
    expect(shown).toMatchObject({ name: 'enroll2user', text: '${otp}\n', inline: [], used_by: [] })
    expect(await done('template.list')).toMatchObject([{ name: 'enroll2user', used_by: [] }])
  })

  it('tell the size of their images, not the images', async () => {
    const { done } = createOperator()
    const html = '<html lang="en"><p>{otp}</p><img src="cid:x" alt=""></html>'
    const source = base64(emlOf({ text: '{otp}', html, parts: [image('x')] }))
    const { inline } = await done('template.put', { name: 'code', source })
    expect(inline).toEqual([{ cid: 'x', type: 'image/gif', bytes: 42 }])
  })

  it('with warnings are saved, and the warnings are told', async () => {
    const source = base64(emlOf({ text: 'Your code is {otp}.' }))
    const { findings } = await createOperator().done('template.put', { name: 'code', source })
    expect(findings).toMatchObject([{ rule: 'code-place', severity: 'warning' }])
  })

  it('with an error are refused with line and reason, and what was there stays', async () => {
    const { done, refused } = createOperator()
    await done('template.put', { name: 'code', source: GOOD })
    const source = base64(emlOf({ text: 'no code' }))
    const error = await refused('template.put', { name: 'code', source })
    expect(error).toMatchObject({ code: 'invalid_argument', parameter: 'source' })
    expect(error.message).toMatch(/Line \d+: The code is not in the text/)
    expect((await done('template.show', { name: 'code' })).text).toBe('${otp}\n')
  })

  it.each([
    [{ name: '../x', source: GOOD }, 'name', 'leads out of the templates'],
    [{ name: '/etc/passwd', source: GOOD }, 'name', 'is an absolute path'],
    [{ name: 5, source: GOOD }, 'name', 'is not text'],
    [{ name: 'x' }, 'source', 'is missing'],
    [{ name: 'x', source: '*' }, 'source', 'is not base64'],
  ])('%j is refused because of %s', async (args, parameter, why) => {
    const error = await createOperator().refused('template.put', args)
    expect(error).toMatchObject({ code: 'invalid_argument', parameter })
    expect(error.message).toContain(why)
  })

  it('that a provider uses cannot be deleted', async () => {
    const { done, refused } = createOperator({
      settings: { 'providers/main': '{"server": "x.example", "template": "file://code.eml"}' },
    })
    for (const name of ['code', 'code.de']) await done('template.put', { name, source: GOOD })
    const error = await refused('template.delete', { name: 'code' })
    expect(error).toMatchObject({ code: 'conflict', parameter: 'name' })
    expect(error.message).toContain('main')
    expect(await done('template.list')).toMatchObject([
      { name: 'code', used_by: ['main'] },
      { name: 'code.de', used_by: [] },
    ])
    expect(await done('template.delete', { name: 'code.de' })).toMatchObject({ removed: true })
  })

  it.each(['template.show', 'template.delete'])('that do not exist: %s', async (command) => {
    const error = await createOperator().refused(command, { name: 'nope' })
    expect(error).toMatchObject({ code: 'not_found', parameter: 'name' })
  })
})
