/**
 * Bundles every function as a deployment does and prints its size and how long it takes to load,
 * against a bundle of nothing but the DynamoDB client. Fails when a bundle is over its limit.
 */
import { App } from 'aws-cdk-lib'
import { CfnFunction } from 'aws-cdk-lib/aws-lambda'
import { buildSync } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import cdk from '../cdk.json' with { type: 'json' }
import { BUNDLE_OPTIONS } from '../lib/bundle.ts'
import { ENV } from '../functions/env.ts'
import { addOtpost } from '../lib/otpost.ts'

/** kB of 1000 bytes. */
const LIMITS: Record<string, number> = { validate: 420, deliver: 700 }
const RUNS = 9

type Bundle = { name: string; file: string }

const directory = mkdtempSync(join(tmpdir(), 'otpost-sizes-'))
process.on('exit', () => rmSync(directory, { recursive: true }))

const bundles = [bareClient(), ...synthesizedBundles()]
const loads = loadTimes(bundles)
const [bare] = loads

console.log(`bundle          kB  limit   load ms  against bare`)
for (const [index, { name, file }] of bundles.entries()) {
  const kilobytes = statSync(file).size / 1000
  const limit = LIMITS[name]
  if (limit && kilobytes > limit) process.exitCode = 1
  const columns = [
    name.padEnd(12),
    kilobytes.toFixed(0).padStart(5),
    String(limit ?? '').padStart(6),
    loads[index]!.toFixed(1).padStart(9),
    (loads[index]! / bare!).toFixed(2).padStart(13),
    limit && kilobytes > limit ? 'TOO LARGE' : '',
    ...besideOf(file),
  ]
  console.log(columns.join(' ').trimEnd())
}

/** What lies beside a bundle and is read when it is first needed. */
function besideOf(file: string): string[] {
  const modules = join(dirname(file), 'node_modules')
  if (!existsSync(modules)) return []
  return readdirSync(modules).map((name) => {
    const { size } = statSync(join(modules, name, 'index.js'))
    return ` + ${(size / 1000).toFixed(0)} kB ${name}, not loaded`
  })
}

function bareClient(): Bundle {
  const file = join(directory, 'bare.cjs')
  const contents = `import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
    export const client = new DynamoDBClient({})`
  const stdin = { contents, resolveDir: import.meta.dirname }
  // What anybody would bundle: without our replacement of the SDK's search for credentials.
  buildSync({ ...BUNDLE_OPTIONS, alias: {}, stdin, outfile: file })
  return { name: '(bare)', file }
}

function synthesizedBundles(): Bundle[] {
  const app = new App({ context: cdk.context, outdir: join(directory, 'cdk.out') })
  const deployment = { stage: 'sizes', settingsCacheSeconds: 5 }
  const { service } = addOtpost(app, deployment, { validation: false })
  const { directory: assembly } = app.synth()
  const assets = JSON.parse(
    readFileSync(join(assembly, `${service.stackName}.assets.json`), 'utf8'),
  )
  return Object.entries(service.functions.all).map(([name, fn]) => {
    const { code } = fn.node.defaultChild as CfnFunction
    const [hash] = (code as CfnFunction.CodeProperty).s3Key!.split('.')
    return { name, file: join(assembly, assets.files[hash!].source.path, 'index.js') }
  })
}

/** Medians in milliseconds; the bundles take turns, so that a busy machine disturbs all alike. */
function loadTimes(bundles: Bundle[]): number[] {
  const times = bundles.map((): number[] => [])
  for (let run = 0; run < RUNS; run++) {
    for (const [index, { file }] of bundles.entries()) times[index]!.push(coldLoad(file))
  }
  return times.map((one) => one.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)]!)
}

function coldLoad(file: string): number {
  const script = `const start = performance.now()
    require(${JSON.stringify(file)})
    process.stdout.write(String(performance.now() - start), () => process.exit())`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { AWS_REGION: 'eu-central-1', ...deployed() },
  })
  if (!stdout) throw new Error(`${file} does not load: ${stderr}`)
  return Number(stdout)
}

/** What a function finds in its environment; nothing is called while loading. */
function deployed(): Record<string, string> {
  const entries = Object.values(ENV).map((name) => [name, '1'])
  return { ...Object.fromEntries(entries), [ENV.deliverQueueUrl]: 'https://sqs.invalid/queue' }
}
