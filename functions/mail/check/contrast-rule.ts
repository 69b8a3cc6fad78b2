import { type Colour, contrast, readColour } from './colour.ts'
import { cssRules, type Declaration, declarationsOf, type Rule } from './css.ts'
import { type Attribute, attributeOf, type Token } from './html-tokens.ts'

export type Unreadable = { index: number; ratio: number; scheme: 'light' | 'dark' }

/** WCAG 2.2, 1.4.3. */
const LEAST = 4.5
const VOID = ['br', 'hr', 'img', 'meta', 'link', 'input', 'col', 'area', 'base', 'wbr']
const WHITE: Colour = [255, 255, 255]
const BLACK: Colour = [0, 0, 0]
/** What clients put behind a mail that says it knows dark mode. */
const DARK: Colour = [30, 30, 30]

type Style = { name: string; colour: Colour; background: Colour; hidden: boolean }

/** Text whose colour comes too close to its background, once per place and mode. */
export function unreadable(tokens: readonly Token[]): Unreadable[] {
  const sheets = tokens.filter((one) => one.kind === 'raw' && one.element === 'style')
  const css = sheets.map(({ text }) => text).join('\n')
  const rules = cssRules(css)
  return [
    ...inScheme(tokens, rules, 'light', false),
    ...inScheme(tokens, rules, 'dark', knows(tokens, css)),
  ]
}

/** Whether the mail says it knows dark mode, so that a client's own colours are the dark ones. */
function knows(tokens: readonly Token[], css: string): boolean {
  return (
    /color-scheme\s*:[^;}]*dark/i.test(css) ||
    tokens.some(
      (one) =>
        one.kind === 'open' &&
        one.name === 'meta' &&
        attributeOf(one.attributes, 'name') === 'color-scheme' &&
        /dark/.test(attributeOf(one.attributes, 'content') ?? ''),
    )
  )
}

function inScheme(
  tokens: readonly Token[],
  rules: readonly Rule[],
  scheme: 'light' | 'dark',
  dark: boolean,
): Unreadable[] {
  const found: Unreadable[] = []
  const root = { colour: dark ? WHITE : BLACK, background: dark ? DARK : WHITE }
  const stack: Style[] = [{ name: '', ...root, hidden: false }]
  for (const token of tokens) {
    const around = stack.at(-1)!
    if (token.kind === 'open' && !VOID.includes(token.name)) {
      stack.push(styled(around, token.name, token.attributes, rules, scheme))
    } else if (token.kind === 'close') {
      const opened = stack.findLastIndex(({ name }) => name === token.name)
      if (opened > 0) stack.length = opened
    } else if (token.kind === 'text' && token.text.trim() !== '' && !around.hidden) {
      const ratio = contrast(around.colour, around.background)
      if (ratio < LEAST) found.push({ index: token.index, ratio, scheme })
    }
  }
  return found
}

function styled(
  around: Style,
  name: string,
  attributes: readonly Attribute[],
  rules: readonly Rule[],
  scheme: 'light' | 'dark',
): Style {
  const declarations = declared(name, attributes, rules, scheme)
  const last = (...properties: string[]) =>
    declarations.findLast(({ property }) => properties.includes(property))?.value ?? ''
  const bgcolor = attributeOf(attributes, 'bgcolor') ?? ''
  const background = readColour(last('background', 'background-color')) ?? readColour(bgcolor)
  return {
    name,
    colour: readColour(last('color')) ?? around.colour,
    background: background ?? around.background,
    hidden: around.hidden || /none/.test(last('display')),
  }
}

/** The declarations for an element, the weightiest last: sheet, attribute, then the important ones. */
function declared(
  name: string,
  attributes: readonly Attribute[],
  rules: readonly Rule[],
  scheme: 'light' | 'dark',
): Declaration[] {
  const classes = (attributeOf(attributes, 'class') ?? '').split(/\s+/)
  const id = attributeOf(attributes, 'id')
  const sheet = rules
    .filter((rule) => rule.scheme === 'both' || rule.scheme === scheme)
    .filter(({ selector }) => selector.name === undefined || selector.name === name)
    .filter(({ selector }) => selector.id === undefined || selector.id === id)
    .filter(({ selector }) => selector.classes.every((one) => classes.includes(one)))
    .flatMap(({ declarations }) => declarations)
  const all = [...sheet, ...declarationsOf(attributeOf(attributes, 'style') ?? '')]
  return [...all.filter(({ important }) => !important), ...all.filter(({ important }) => important)]
}
