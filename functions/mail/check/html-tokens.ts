/** Splits HTML into tags and text, as tolerantly as browsers do: to look at mails, not to show them. */
export type Attribute = {
  /** In lower case. */
  name: string
  value: string
  quoted: boolean
}

export type Token =
  | { kind: 'text' | 'comment'; text: string; index: number }
  /** The contents of `<style>`, `<script>` and `<title>`. */
  | { kind: 'raw'; element: string; text: string; index: number }
  | { kind: 'open'; name: string; attributes: Attribute[]; index: number; text: string }
  | { kind: 'close'; name: string; index: number; text: string }

const RAW = ['script', 'style', 'title', 'textarea']
/**
 * A comment or declaration, or a tag with its attributes, whose quotes may hold `>`. What is longer is
 * left as text: without an end to it, many open tags would take minutes.
 */
const MARKUP =
  /<!--([\s\S]*?)(?:-->|$)|<[!?][^>]*>?|<(\/?)([a-zA-Z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>]){0,4000})>/g
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g

/** The tokens of an HTML; `index` is where each begins. */
export function htmlTokens(html: string): Token[] {
  const tokens: Token[] = []
  const addText = (from: number, to: number) => {
    if (to > from) tokens.push({ kind: 'text', text: html.slice(from, to), index: from })
  }
  let at = 0
  MARKUP.lastIndex = 0
  for (let match = MARKUP.exec(html); match; match = MARKUP.exec(html)) {
    addText(at, match.index)
    at = MARKUP.lastIndex
    const [text, comment, slash, element, rest = ''] = match
    const { index } = match
    if (element === undefined) {
      if (comment !== undefined) tokens.push({ kind: 'comment', text, index })
      continue
    }
    const name = element.toLowerCase()
    // LinOTP's own tags, not elements
    if (slash === '' && rest === '' && (name === 'otp' || name === 'serial')) {
      tokens.push({ kind: 'text', text, index })
      continue
    }
    if (slash) tokens.push({ kind: 'close', name, index, text })
    else tokens.push({ kind: 'open', name, attributes: attributesOf(rest), index, text })
    if (slash === '' && RAW.includes(name)) {
      const end = html.slice(at).search(new RegExp(`</${name}`, 'i'))
      const to = end < 0 ? html.length : at + end
      tokens.push({ kind: 'raw', element: name, text: html.slice(at, to), index: at })
      MARKUP.lastIndex = at = to
    }
  }
  addText(at, html.length)
  return tokens
}

function attributesOf(text: string): Attribute[] {
  return [...text.matchAll(ATTRIBUTE)].map(([, name, double, single, bare]) => ({
    name: name!.toLowerCase(),
    value: double ?? single ?? bare ?? '',
    quoted: bare === undefined,
  }))
}

export const attributeOf = (attributes: readonly Attribute[], name: string): string | undefined =>
  attributes.find((one) => one.name === name)?.value

/** The line of a place in a text, from 1. */
export const lineAt = (text: string, index: number): number =>
  text.slice(0, index).split('\n').length
