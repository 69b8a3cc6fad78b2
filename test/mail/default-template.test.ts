import { describe, expect, it } from 'vitest'
import { checkTemplate } from '../../functions/mail/check/check-template.ts'
import { defaultTemplate } from '../../functions/mail/default-template.ts'
import { LOCALES } from '../../functions/mail/locale.ts'
import { renderMail } from '../../functions/mail/render.ts'
import { MAIL_KINDS, sentences } from '../../functions/mail/sentences.ts'
import { hasTag } from '../../functions/mail/tags.ts'
import { emlOf } from './eml.ts'

const values = {
  otp: '287082',
  validSeconds: 120,
  at: new Date('2026-11-21T01:18:26Z'),
  username: 'alice',
  serial: 'EM1A2B3C4D',
  app: 'Example GmbH',
  newEmail: 'al********@n****.example',
  contact: 'it@example.org',
}
const CODES = ['authentication', 'verification'] as const
const each = LOCALES.flatMap((locale) => MAIL_KINDS.map((kind) => [kind, locale] as const))
const eachCode = LOCALES.flatMap((locale) => CODES.map((kind) => [kind, locale] as const))

describe.each(each)('our %s mail in %s', (kind, locale) => {
  const mail = renderMail(kind, values, { locale })
  const html = mail.html!

  it('passes the check of templates without a finding', async () => {
    const template = defaultTemplate(kind, locale, values)
    const withCode = CODES.some((one) => one === kind)
    const { findings } = await checkTemplate(emlOf(template))
    const own = ['new_email', 'contact']
    const found = findings.filter(({ rule, message }) => {
      const noCode = !withCode && (rule === 'code' || rule === 'code-place')
      return !noCode && !own.some((tag) => message.startsWith(`{${tag}}`))
    })
    expect(found).toEqual([])
  })

  it('says what it is for and for whom', () => {
    expect(mail.subject).toMatch(/^[^\r\n{}]{5,60}$/)
    for (const part of [mail.text, html]) {
      expect(part).toContain('Example GmbH')
      expect(part).toContain('alice')
    }
  })

  it('leaves no tag and no gap where nothing is known', () => {
    const { app: _app, username: _username, contact: _contact, ...known } = values
    const bare = renderMail(kind, known, { locale })
    for (const part of [bare.subject, bare.text, bare.html!]) {
      expect(part).not.toMatch(/\{\w+\}|undefined/)
    }
    expect(bare.text).not.toMatch(/\n{3}|[:：] *\n/)
    expect(bare.unknown).toEqual([])
  })

  it('does not preview a code in a notification', () => {
    const preheader = /<div style="display:none[^>]*>([^<]+)</.exec(html)?.[1]
    expect(preheader).not.toContain('287082')
    expect(preheader!.length).toBeGreaterThan(20)
  })

  it('loads and links to nothing', () => {
    expect(html).not.toMatch(/https?:|url\(|<img|<a |<script|<link|src=|href=|@import/i)
    expect(mail.text).not.toMatch(/https?:/)
  })

  it('names its language and knows dark mode', () => {
    expect(html).toContain(`<html lang="${locale}">`)
    expect(html).toContain('prefers-color-scheme:dark')
  })

  it('stays below 10 kB', () => {
    expect(Buffer.byteLength(html + mail.text)).toBeLessThan(10_000)
  })

  it('T01: has every sentence, with its tags', () => {
    const words = sentences[locale][kind]
    const english = sentences.en[kind]
    expect(Object.keys(words).toSorted()).toEqual(Object.keys(english).toSorted())
    for (const [name, sentence] of Object.entries(words)) {
      expect(sentence.trim()).not.toBe('')
      expect(tagsOf(sentence), name).toEqual(tagsOf(english[name as keyof typeof english]!))
      if (locale !== 'en') expect(sentence).not.toBe(english[name as keyof typeof english])
    }
    expect(hasTag(words.headingFor, 'app')).toBe(true)
    expect(hasTag(words.account, 'username')).toBe(true)
  })
})

const tagsOf = (sentence: string) =>
  [...sentence.matchAll(/\{\w+\}/g)].map(([tag]) => tag).toSorted()

describe.each(eachCode)('our %s mail in %s', (kind, locale) => {
  const mail = renderMail(kind, values, { locale })

  it('R08, R10: has the code on a line of its own within the first 200 characters', () => {
    const longest = renderMail(kind, { ...values, app: 'x'.repeat(500) }, { locale })
    for (const { text } of [mail, longest]) {
      expect(text.slice(0, 200)).toMatch(/^287082$/m)
    }
  })

  it('says how long the code lives', () => {
    for (const part of [mail.text, mail.html!]) {
      expect(part).toMatch(/2 ?(minutes|Minuten|分钟)/)
    }
  })

  it('has the code in the HTML once, without anything inside it', () => {
    expect(mail.html!.split('287082')).toHaveLength(2)
    expect(mail.html).toContain('>287082<')
  })
})

describe.each(LOCALES)('in %s', (locale) => {
  it('each kind of mail has a subject of its own', () => {
    const subjects = MAIL_KINDS.map((kind) => sentences[locale][kind].subject)
    expect(new Set(subjects).size).toBe(MAIL_KINDS.length)
  })

  it('a changed address is told to the old mailbox, with whom to turn to', () => {
    const { text, html } = renderMail('address_changed', values, { locale })
    for (const part of [text, html!]) {
      expect(part).toContain('al********@n****.example')
      expect(part).toContain('2026-11-21')
      expect(part).toContain('it@example.org')
      expect(part).not.toContain('287082')
    }
  })
})

describe.each(LOCALES)('X26 in %s', (locale) => {
  const notices = ['token_enrolled', 'token_auto_enrolled', 'pin_set'] as const

  it.each(notices)('the notice %s names the token, the moment and whom to turn to', (kind) => {
    const { text, html } = renderMail(kind, values, { locale })
    for (const part of [text, html!]) {
      expect(part).toContain('EM1A2B3C4D')
      expect(part).toContain('2026-11-21')
      expect(part).toContain('01:18')
      expect(part).toContain('it@example.org')
      expect(part).not.toContain('287082')
    }
  })

  it('a new token is told with the mailbox of its codes, where it has one', () => {
    const { newEmail, ...without } = values
    const named = renderMail('token_enrolled', values, { locale })
    const bare = renderMail('token_enrolled', without, { locale })
    for (const part of ['text', 'html'] as const) {
      expect(named[part]).toContain(newEmail)
      expect(bare[part]).not.toContain(newEmail)
      expect(bare[part]).toContain('EM1A2B3C4D')
    }
  })
})

it('escapes what it inserts into HTML, and only there', () => {
  const app = `<script>alert("1")</script> & 'Söhne'`
  const mail = renderMail('authentication', { ...values, app }, { locale: 'en' })
  expect(mail.text).toContain(app)
  expect(mail.html).toContain(
    '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Söhne&#39;',
  )
  expect(mail.html).not.toContain('<script>')
})
