/** Bundles as a deployment makes them, how large they are and how long they take to load. */
import { type BuildOptions, buildSync } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE_OPTIONS } from '../../lib/bundle.ts'
import { median } from './numbers.ts'

export type Bundles = {
  validate: string
  deliver: string
  /** The program that Otpost is measured against. */
  bare: string
  /** Nothing but the DynamoDB client, as anybody would bundle it. */
  client: string
  /** The same without the SDK's search for credentials, as in our own bundles. */
  trimmedClient: string
}

/** Builds into a directory, minified or, for a profile, readable; the values are file names. */
export function buildBundles(directory: string, minify: boolean): Bundles {
  const functions = join(import.meta.dirname, '..', '..', 'functions')
  const client = join(import.meta.dirname, 'bare-client.ts')
  const outfile = (name: string) => join(directory, `${name}.cjs`)
  const bundle = (name: string, entry: string, changes: BuildOptions = {}) => {
    const file = outfile(name)
    buildSync({ ...BUNDLE_OPTIONS, minify, ...changes, entryPoints: [entry], outfile: file })
    return file
  }
  return {
    validate: bundle('validate', join(functions, 'validate.ts')),
    deliver: bundle('deliver', join(functions, 'deliver.ts')),
    bare: bundle('bare', join(import.meta.dirname, 'bare.ts')),
    client: bundle('client', client, { alias: {} }),
    trimmedClient: bundle('trimmed-client', client),
  }
}

/** Bytes. */
export const sizeOf = (file: string) => statSync(file).size

/** Median milliseconds of loading each file in a fresh process, by turns. */
export function loadTimes(files: string[], runs: number, environment: Record<string, string>) {
  const times = files.map((): number[] => [])
  for (let run = 0; run < runs; run++) {
    for (const [index, file] of files.entries()) times[index]!.push(loadOnce(file, environment))
  }
  return times.map(median)
}

function loadOnce(file: string, environment: Record<string, string>): number {
  const script = `const began = performance.now()
    require(${JSON.stringify(file)})
    process.stdout.write(String(performance.now() - began), () => process.exit())`
  const options = { encoding: 'utf8', env: environment } as const
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], options)
  if (!stdout) throw new Error(`${file} does not load: ${stderr}`)
  return Number(stdout)
}
