/** What the check of a template found. Errors keep it from being saved. */
export type Finding = {
  rule: Rule
  severity: 'error' | 'warning'
  /** Line of the .eml file, from 1. */
  line: number
  /** What is wrong, and what to do about it: two sentences. */
  message: string
}

/** Every rule, with what it asks for. */
export const RULES = {
  mime: 'It can be read as a MIME message within the size of a mail.',
  'line-length': 'No line is longer than 998 octets (RFC 5322 §2.1.1).',
  header: 'The header has what a template decides: subject and display name.',
  part: 'It has text, HTML and inline images, nothing else.',
  charset: 'Each text part names its charset.',
  'text-first': 'The text part comes before the HTML (RFC 2046 §5.1.4).',
  code: 'The code is in the text, and in the HTML if there is one.',
  'code-place': 'The code is on a line of its own within the first 200 characters of the text.',
  size: 'The HTML is below 102,000 octets, where Gmail clips a mail, and all of it fits an item.',
  tag: 'Every tag means something.',
  'tag-place':
    'No tag stands where a value could be read as code: in a URL, style, script or comment.',
  remote: 'Nothing is loaded from elsewhere.',
  active: 'No script, form, frame or other active content.',
  link: 'No links: a mail with a code must not train people to follow them.',
  contrast: 'Text has a contrast of at least 4.5:1 in light and in dark mode (WCAG 2.2, 1.4.3).',
  alt: 'Each image has an alternative text.',
  lang: 'The HTML names its language.',
} as const
export type Rule = keyof typeof RULES
