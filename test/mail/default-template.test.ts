import { describe, expect, it } from 'vitest'
import { LOCALES } from '../../functions/mail/locale.ts'
import { renderMail } from '../../functions/mail/render.ts'
import { sentences } from '../../functions/mail/sentences.ts'
import { hasTag, type MailValues } from '../../functions/mail/tags.ts'

const values: MailValues = {
  otp: '287082',
  validSeconds: 120,
  at: new Date('2026-11-21T01:18:26Z'),
  username: 'alice',
  app: 'Example GmbH',
}

describe.each(LOCALES)('the default mail in %s', (locale) => {
  const mail = renderMail({}, values, { locale })
  const html = mail.html!

  it('has the code on a line of its own within the first 200 characters', () => {
    const longest = renderMail({}, { ...values, app: 'x'.repeat(500) }, { locale })
    for (const { text } of [mail, longest]) {
      expect(text.slice(0, 200)).toMatch(/^287082$/m)
    }
  })

  it('says what it is for, for whom and how long it lives', () => {
    for (const part of [mail.text, html]) {
      expect(part).toContain('Example GmbH')
      expect(part).toContain('alice')
      expect(part).toMatch(/2 ?(minutes|Minuten|分钟)/)
    }
  })

  it('leaves no tag and no gap where nothing is known', () => {
    const bare = renderMail({}, { ...values, app: undefined, username: undefined }, { locale })
    for (const part of [bare.subject, bare.text, bare.html!]) {
      expect(part).not.toMatch(/\{\w+\}|undefined/)
    }
    expect(bare.text).not.toMatch(/\n{3}|[:：] *\n/)
    expect(bare.unknown).toEqual([])
  })

  it('has the code in the HTML once, without anything inside it', () => {
    expect(html.split('287082')).toHaveLength(2)
    expect(html).toContain('>287082<')
  })

  it('does not preview the code in a notification', () => {
    const preheader = /<div style="display:none[^>]*>([^<]+)</.exec(html)?.[1]
    expect(preheader).not.toMatch(/\d{4}/)
    expect(preheader!.length).toBeGreaterThan(40)
  })

  it('loads and links to nothing', () => {
    expect(html).not.toMatch(/https?:|url\(|<img|<a |<script|<link|src=|href=|@import/i)
    expect(mail.text).not.toMatch(/https?:/)
  })

  it('names its language and knows dark mode', () => {
    expect(html).toContain(`<html lang="${locale}">`)
    expect(html).toContain('prefers-color-scheme:dark')
  })

  it('can be read in light and in dark', () => {
    for (const [text, background] of colourPairs(html)) {
      expect(contrast(text, background), `${text} on ${background}`).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('stays below 10 kB', () => {
    expect(Buffer.byteLength(html + mail.text)).toBeLessThan(10_000)
  })

  it('has every sentence', () => {
    const words = sentences[locale].authentication
    expect(Object.keys(words).toSorted()).toEqual(
      Object.keys(sentences.en.authentication).toSorted(),
    )
    expect(Object.values(words).filter((sentence) => sentence.trim() === '')).toEqual([])
    expect(hasTag(words.headingFor, 'app')).toBe(true)
    expect(hasTag(words.account, 'username')).toBe(true)
    expect(hasTag(words.validity, 'validtime')).toBe(true)
  })
})

/** Each text colour with the background it is on, in both modes. */
function colourPairs(html: string): [string, string][] {
  const dark = (name: string, property: string) => {
    const rule = new RegExp(`\\.${name}\\{([^}]+)\\}`).exec(html)![1]!
    return new RegExp(`(?<![-\\w])${property}:(#\\w+)`).exec(rule)![1]!
  }
  const light = (name: string, property: string) => {
    const style = new RegExp(`class="${name}" style="([^"]+)"`).exec(html)![1]!
    return new RegExp(`(?<![-\\w])${property}:(#\\w+)`).exec(style)![1]!
  }
  return [light, dark].flatMap((colour) => [
    [colour('text', 'color'), colour('page', 'background')],
    [colour('quiet', 'color'), colour('page', 'background')],
    [colour('code', 'color'), colour('code', 'background')],
  ])
}

/** WCAG 2.2 contrast ratio. */
function contrast(one: string, other: string): number {
  const [lighter, darker] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (lighter! + 0.05) / (darker! + 0.05)
}

function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.replace(/\w/g, '$&$&') : colour
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

it('escapes what it inserts into HTML, and only there', () => {
  const app = `<script>alert("1")</script> & 'Söhne'`
  const mail = renderMail({}, { ...values, app }, { locale: 'en' })
  expect(mail.text).toContain(app)
  expect(mail.html).toContain(
    '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Söhne&#39;',
  )
  expect(mail.html).not.toContain('<script>')
})
