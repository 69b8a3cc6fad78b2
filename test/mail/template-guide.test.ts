import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sampleTags, TAG_REFERENCE } from '../../functions/mail/tag-reference.ts'
import { templateGuide } from '../../functions/mail/template-guide.ts'

it('the page about templates is what bin/templates.ts would write today', () => {
  const page = readFileSync(new URL('../../.github/TEMPLATES.md', import.meta.url), 'utf8')
  expect(page).toBe(templateGuide())
})

it('the reference has exactly the tags there are', () => {
  expect(Object.keys(TAG_REFERENCE).toSorted()).toEqual([...sampleTags('en').keys()].toSorted())
})

it('every tag has an example', () => {
  for (const [tag, value] of sampleTags('de')) expect(value, tag).not.toBe('')
})
