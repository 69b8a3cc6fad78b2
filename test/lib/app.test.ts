import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const APP = join(import.meta.dirname, '../../bin/app.ts')

describe('the app', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'otpost-app-'))
  afterAll(() => rmSync(outdir, { recursive: true }))

  const run = (context: Record<string, unknown>) =>
    spawnSync(process.execPath, [APP], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        CDK_OUTDIR: outdir,
        CDK_VALIDATION: 'false',
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, 'aws:cdk:bundling-stacks': [] }),
      },
    })

  it('writes the two stacks of the stage in the context to where the CLI wants them', () => {
    const { status, stderr } = run({ stage: 'test' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const templates = readdirSync(outdir).filter((name) => name.endsWith('.template.json'))
    expect(templates.toSorted()).toEqual([
      'otpost-test-data.template.json',
      'otpost-test.template.json',
    ])
  })

  it('refuses a misspelt key of the context', () => {
    const { status, stderr } = run({ maildomain: 'example.org' })
    expect(status).toBe(1)
    expect(stderr).toBe('There is no context value maildomain. Did you mean mailDomain?\n')
  })

  it('says in one line what is wrong with the context, and fails', () => {
    const { status, stderr } = run({ mailDomain: 'not a domain' })
    expect(status).toBe(1)
    expect(stderr).toBe(
      'The context value mailDomain=not a domain is not usable: ' +
        'mailDomain accepts a domain in lower case such as example.org.\n',
    )
  })
})
