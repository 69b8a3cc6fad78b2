import type { Tags } from './tags.ts'

/** `{{` and `}}`, `{tag}`, `<tag>`, and braces that are none of these. */
const PART = /\{\{|\}\}|\{(\w+)\}|<(\w+)>|[{}]/g

/**
 * A text of a policy with its tags, by the reference's rules: a tag that means nothing and a brace
 * without its other half keep the mail from being written; both braces twice stand for one.
 */
export function renderPolicyText(
  template: string,
  tags: Tags,
): { text: string } | { refused: string } {
  const faults: string[] = []
  const text = template.replace(PART, (part, braced?: string, angled?: string) => {
    if (part === '{{' || part === '}}') return part[0]!
    if (angled !== undefined) return tags.get(angled) ?? part
    const value = braced === undefined ? undefined : tags.get(braced)
    if (value !== undefined) return value
    faults.push(braced === undefined ? `has a lone ${part}` : `names the unknown tag ${part}`)
    return part
  })
  const [fault] = faults
  return fault === undefined ? { text } : { refused: fault }
}
