/** The part of CSS that mails use: plain rules, and those for dark mode. */
export type Declaration = { property: string; value: string; important: boolean }

export type Rule = {
  /** One of `name`, `.class`, `#id`, `name.class` or `*`; others are left out. */
  selector: { name?: string; classes: string[]; id?: string }
  declarations: Declaration[]
  /** In force in dark mode only, in light mode only, or always. */
  scheme: 'dark' | 'light' | 'both'
}

/** The rules of a style sheet in their order. Rules for narrow screens and print are left out. */
export function cssRules(sheet: string): Rule[] {
  const rules: Rule[] = []
  collect(sheet.replaceAll(/\/\*[\s\S]*?\*\//g, ''), 'both', rules)
  return rules
}

function collect(css: string, scheme: Rule['scheme'], rules: Rule[]): void {
  let at = 0
  while (at < css.length) {
    const open = css.indexOf('{', at)
    if (open < 0) return
    const close = closingOf(css, open)
    const head = css.slice(at, open).split(';').at(-1)!.trim()
    const body = css.slice(open + 1, close)
    at = close + 1
    if (head.startsWith('@')) {
      const asked = /prefers-color-scheme\s*:\s*(dark|light)/i.exec(head)?.[1]?.toLowerCase()
      if (asked === 'dark' || asked === 'light') collect(body, asked, rules)
    } else {
      const declarations = declarationsOf(body)
      for (const selector of head.split(',').map(selectorOf)) {
        if (selector) rules.push({ selector, declarations, scheme })
      }
    }
  }
}

function closingOf(css: string, open: number): number {
  let depth = 0
  for (let at = open; at < css.length; at++) {
    if (css[at] === '{') depth++
    if (css[at] === '}' && --depth === 0) return at
  }
  return css.length
}

function selectorOf(text: string): Rule['selector'] | undefined {
  const match = /^(\*|[a-z][a-z0-9]*)?((?:\.[\w-]+)*)(?:#([\w-]+))?$/i.exec(text.trim())
  if (!match || match[0] === '') return undefined
  const [, name, classes = '', id] = match
  return {
    ...(name && name !== '*' ? { name: name.toLowerCase() } : {}),
    classes: classes.split('.').filter((one) => one !== ''),
    ...(id ? { id } : {}),
  }
}

/** The declarations of a `style` attribute or of a rule. */
export function declarationsOf(text: string): Declaration[] {
  return text.split(';').flatMap((part) => {
    const colon = part.indexOf(':')
    if (colon < 0) return []
    const value = part.slice(colon + 1).trim()
    return {
      property: part.slice(0, colon).trim().toLowerCase(),
      value: value.replace(/\s*!important$/i, ''),
      important: /!important$/i.test(value),
    }
  })
}
