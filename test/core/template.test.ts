import { describe, expect, it } from 'vitest'
import { templateName } from '../../functions/core/template.ts'

describe('the name of a template', () => {
  it.each([
    ['code', 'code'],
    ['enroll2user.eml', 'enroll2user'],
    ['file://enroll2user.eml', 'enroll2user'],
    ['FILE://x.EML', 'x'],
    ['code.de', 'code.de'],
    ['code.zh-CN.eml', 'code.zh-CN'],
    ['a'.repeat(64), 'a'.repeat(64)],
  ])('%s is %s', (text, value) => expect(templateName.read(text)).toEqual({ value }))

  it.each([
    ['file://../x.eml', 'leads out of the templates (..)'],
    ['..', 'leads out of the templates (..)'],
    ['a/../../x', 'leads out of the templates (..)'],
    ['a\\..\\x', 'leads out of the templates (..)'],
    ['/etc/passwd', 'is an absolute path'],
    ['file:///etc/passwd', 'is an absolute path'],
    ['C:\\x.eml', 'is an absolute path'],
    ['~/x', 'is an absolute path'],
    ['folder/x.eml', 'is a path: templates are not in folders'],
    ['', 'is empty'],
    ['.eml', 'is empty'],
    ['.hidden', 'is not a name'],
    ['a b', 'is not a name'],
    ['a\u0000', 'is not a name'],
    ['http://x.example', 'is a path: templates are not in folders'],
    ['a'.repeat(65), 'is not a name'],
  ])('X25: %j is refused: %s', (text, refused) =>
    expect(templateName.read(text)).toMatchObject({ refused }),
  )
})
