/** The page about templates, with the tags and rules there are. */
import { RULES } from './check/finding.ts'
import { MAX_HTML_BYTES } from './check/check-template.ts'
import { SAMPLE_VALUES, sampleTags, TAG_REFERENCE } from './tag-reference.ts'

const INTRODUCTION = `# Mail templates

<!-- Written by bin/templates.ts from functions/mail/template-guide.ts: change that instead. -->

Without a template, Otpost writes its own mails, in English, German and Chinese:

![The built-in mails in light and dark](mail.png)

A template is an
\`.eml\` file: what a mail program saves, with tags where values belong.

\`\`\`
Subject: Your code for {app}
From: "Example IT" <ignored@example.org>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="part"

--part
Content-Type: text/plain; charset=utf-8

Your code:

\${otp}

--part
Content-Type: text/html; charset=utf-8

<html lang="en"><body><p>Your code:</p><p><b>\${otp}</b></p></body></html>
--part--
\`\`\`

\`\`\`sh
npx otpost template check code.eml
npx otpost template preview code.eml --out code.html
npx otpost template put code.eml --stage prod
npx otpost config set providers/main '{"kind": "ses", "template": "code"}' --stage prod
\`\`\`

- **Names** are 1 to 64 of \`A-Z a-z 0-9 . _ -\`; LinOTP's \`file://code.eml\` is the template
  \`code\`. A name is never a path: \`file://../x\` and absolute paths are refused.
- **Languages.** The template \`code.de\` is used instead of \`code\` for people whose language is
  German (\`code.zh-CN\`, \`code.en\` likewise). The language is the user's \`locale\`, else what their
  program asks for (\`Accept-Language\`), else the parameter \`mail.locale\`.
- **Images** are inline parts (PNG, JPEG, GIF) with a Content-ID that the HTML names by \`cid:\`.
- **Sizes.** The HTML has at most ${MAX_HTML_BYTES} octets, because Gmail clips what is longer; the
  template with its images has to fit an item of DynamoDB (380,000 octets).
- **Sender and recipient** are never the template's: only the display name in \`From\` counts.
- **In use.** A template that a provider names cannot be deleted. One that is missing does not stop
  logins: the usual mail goes out and the log says so.

## Who decides what

<!-- prettier-ignore -->
| | with a template | without |
| --- | --- | --- |
| Text | the template; \`emailtext\` is ignored with a warning in the log | policy \`emailtext\`, \`email.text\`, built-in |
| Subject | the template, the provider's \`subject\`, policy \`emailsubject\`, \`email.subject\`, built-in | policy \`emailsubject\`, the provider's \`subject\`, \`email.subject\`, built-in |

\`email.subject\` and \`email.text\` are for mails to sign in with; a mail that proves a new address
has words of its own. A text of \`email.text\` or a policy that does not name the code gets it appended.

## Tags

Three forms mean the same: \`\${otp}\`, \`{otp}\` and \`<otp>\`. In HTML, where \`<time>\` is an element, only
\`<otp>\` and \`<serial>\` keep the third. Values are inserted once, as one line, and escaped in HTML. A
tag that means nothing stays as it is written and is named in the log. \`Pin\` is one of those: Otpost
never puts a PIN into a mail.
`

/** The page in Markdown. */
export function templateGuide(): string {
  const sample = sampleTags('en')
  const tags = Object.entries(TAG_REFERENCE).map(([name, { about, from }]) => [
    `\`${name}\``,
    about,
    sample.get(name) === '' ? '' : `\`${sample.get(name)}\``,
    from,
  ])
  const rules = Object.entries(RULES).map(([rule, about]) => [`\`${rule}\``, about])
  return [
    INTRODUCTION,
    table(['Tag', 'Stands for', 'Example', 'From'], tags),
    'The examples are those of `otpost template preview`: ' +
      `${SAMPLE_VALUES.givenname} ${SAMPLE_VALUES.surname} asks for a code.\n`,
    '## What is checked\n',
    '`otpost template check` names line, rule and remedy. Errors keep a template from being stored.\n',
    table(['Rule', 'Asks for'], rules),
  ].join('\n')
}

function table(heading: string[], rows: string[][]): string {
  const lines = [heading, heading.map(() => '---'), ...rows]
  return `<!-- prettier-ignore -->\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}
