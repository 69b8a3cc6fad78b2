import { tagsIn } from '../tags.ts'
import { unreadable } from './contrast-rule.ts'
import type { Finding } from './finding.ts'
import { type Attribute, attributeOf, htmlTokens, lineAt, type Token } from './html-tokens.ts'

/** Finds what is wrong with the HTML; lines are those of the HTML, from 1. */
export function htmlFindings(
  html: string,
  known: ReadonlySet<string>,
  cids: ReadonlySet<string>,
): Finding[] {
  const tokens = htmlTokens(html)
  const at = (index: number) => lineAt(html, index)
  const found = tokens.flatMap((token) =>
    tokenFindings(token, known, cids).map((one) => ({ ...one, line: at(token.index) })),
  )
  const contrasts = unreadable(tokens).map(({ index, ratio, scheme }): Finding => ({
    rule: 'contrast',
    severity: 'warning',
    line: at(index),
    message:
      `In ${scheme} mode this text has a contrast of ${ratio.toFixed(1)}:1. ` +
      'Choose colours of at least 4.5:1.',
  }))
  return [...found, ...contrasts, ...languageFindings(tokens)]
}

type Problem = Omit<Finding, 'line'>
const error = (rule: Finding['rule'], message: string): Problem => ({
  rule,
  severity: 'error',
  message,
})
const warning = (rule: Finding['rule'], message: string): Problem => ({
  rule,
  severity: 'warning',
  message,
})

const ACTIVE = [
  ...['script', 'form', 'input', 'button', 'select', 'textarea', 'iframe', 'frame', 'frameset'],
  ...['object', 'embed', 'applet', 'base', 'svg', 'math', 'video', 'audio', 'dialog', 'template'],
]
const LOADS = ['src', 'srcset', 'background', 'poster', 'data', 'lowsrc', 'dynsrc', 'xlink:href']
/** Attributes whose value is read as something else than text. */
const READ_AS_CODE = [
  ...LOADS,
  'href',
  'action',
  'formaction',
  'style',
  'class',
  'id',
  'http-equiv',
]

/** A browser may read it as the beginning of a tag, and all that follows as part of it. */
const OPENS = /<[a-z/!?]/i

function tokenFindings(
  token: Token,
  known: ReadonlySet<string>,
  cids: ReadonlySet<string>,
): Problem[] {
  const places = tagPlaces(token, known)
  if (token.kind === 'raw') return [...places, ...styleFindings(token)]
  if (token.kind === 'open') return [...places, ...elementFindings(token, cids)]
  const broken = token.kind === 'text' && OPENS.test(token.text) && !LINOTP_TAG.test(token.text)
  if (!broken) return places
  return [error('mime', 'The HTML has a < that begins no whole tag. End the tag, or write &lt;.')]
}

const LINOTP_TAG = /^<(otp|serial)>$/

type Open = Extract<Token, { kind: 'open' }>

function elementFindings({ name, attributes }: Open, cids: ReadonlySet<string>): Problem[] {
  const found: Problem[] = []
  if (ACTIVE.includes(name)) {
    found.push(error('active', `<${name}> does not belong into a mail. Remove it.`))
  }
  const refresh = attributeOf(attributes, 'http-equiv')?.toLowerCase() === 'refresh'
  if (name === 'meta' && refresh)
    found.push(error('active', 'The mail leads elsewhere by itself. Remove it.'))
  if (name === 'link')
    found.push(error('remote', '<link> loads from elsewhere. Put the style into <style>.'))
  if (name === 'img' && attributeOf(attributes, 'alt') === undefined) {
    found.push(warning('alt', 'The image has no alt. Say what it shows, or alt="" for decoration.'))
  }
  for (const attribute of attributes) found.push(...attributeFindings(name, attribute, cids))
  return found
}

function attributeFindings(element: string, { name, value }: Attribute, cids: ReadonlySet<string>) {
  const text = plain(value)
  if (name.startsWith('on')) return [error('active', `${name} runs a script. Remove it.`)]
  if (/^(javascript|vbscript):/i.test(text))
    return [error('active', `${name} runs a script. Remove it.`)]
  if (name === 'style') return styleProblems(value)
  if (LOADS.includes(name)) return loadFindings(text, cids)
  if (
    name === 'href' &&
    (element === 'a' || element === 'area') &&
    /^(?!mailto:|tel:|#|$)/i.test(text)
  ) {
    return [warning('link', 'The mail has a link. Leave it out, and say where to go in words.')]
  }
  return []
}

/** As a browser reads a URL: without control characters, entities decoded. */
const plain = (value: string) =>
  value
    .replaceAll(/&#x([0-9a-f]{1,6});?/gi, (_, hex: string) => character(parseInt(hex, 16)))
    .replaceAll(/&#(\d{1,7});?/g, (_, number: string) => character(Number(number)))
    .replaceAll(/&colon;/gi, ':')
    .replaceAll(/[\p{Cc}\s]+/gu, '')

const character = (code: number) => (code <= 0x10_ff_ff ? String.fromCodePoint(code) : '')

function loadFindings(url: string, cids: ReadonlySet<string>): Problem[] {
  if (url === '') return []
  const cid = /^cid:(.*)$/i.exec(url)?.[1]
  if (cid !== undefined && cids.has(cid)) return []
  if (cid !== undefined) {
    return [error('remote', `There is no image with the Content-ID <${cid}>. Add it as a part.`)]
  }
  const why = /^data:/i.test(url)
    ? 'Many programs do not show data: images'
    : 'It is loaded from elsewhere'
  return [error('remote', `${why}. Add the image as an inline part and name it by cid:.`)]
}

const styleFindings = (token: Extract<Token, { kind: 'raw' }>) =>
  token.element === 'style' ? styleProblems(token.text) : []

function styleProblems(css: string): Problem[] {
  if (/@import|@font-face/i.test(css)) {
    return [error('remote', 'The style loads from elsewhere. Use fonts and styles that are there.')]
  }
  const loads = /url\(|image-set\(|expression\(|-moz-binding/i.test(css)
  return loads
    ? [error('remote', 'The style loads an image. Use a colour, or an <img> with cid:.')]
    : []
}

/** Tags that stand where escaping does not make a value harmless. */
function tagPlaces(token: Token, known: ReadonlySet<string>): Problem[] {
  const named = (text: string) => tagsIn(text, 'html').filter(({ name }) => known.has(name))
  const refuse = (where: string, written: string) =>
    error('tag-place', `${written} stands in ${where}. Move it into the text.`)
  if (token.kind === 'comment')
    return named(token.text).map(({ written }) => refuse('a comment', written))
  if (token.kind === 'raw' && token.element !== 'title') {
    return named(token.text).map(({ written }) => refuse(`<${token.element}>`, written))
  }
  if (token.kind !== 'open' && token.kind !== 'close') return []
  const attributes = token.kind === 'open' ? token.attributes : []
  const unsafe = attributes.flatMap(({ name, value, quoted }) => {
    const where = !quoted
      ? `${name} without quotes`
      : READ_AS_CODE.includes(name) || name.startsWith('on')
        ? name
        : undefined
    return where === undefined ? [] : named(value).map(({ written }) => refuse(where, written))
  })
  const inValues = attributes.flatMap(({ value }) => named(value)).length
  const inMarkup = named(token.text)
  if (inMarkup.length <= inValues) return unsafe
  return [...unsafe, refuse('the markup itself', inMarkup[0]!.written)]
}

function languageFindings(tokens: readonly Token[]): Finding[] {
  const root = tokens.find((one): one is Open => one.kind === 'open' && one.name === 'html')
  if (root && attributeOf(root.attributes, 'lang')) return []
  const message =
    'The HTML does not name its language, so screen readers guess. Write <html lang="en">.'
  return [{ rule: 'lang', severity: 'warning', line: 1, message }]
}

/** What a reader sees of the HTML. */
export const visibleText = (html: string): string =>
  htmlTokens(html)
    .filter(({ kind }) => kind === 'text')
    .map(({ text }) => text)
    .join(' ')
