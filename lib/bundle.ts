import { AssetHashType, DockerImage } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { type BuildOptions, buildSync } from 'esbuild'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'

const FUNCTIONS = join(import.meta.dirname, '..', 'functions')

/** The entries in `functions/`, without their extension. */
export const ENTRY_NAMES = [
  'validate',
  'admin',
  'selfservice',
  'deliver',
  'delivery-events',
  'configure',
  'operator',
  'record',
  'resolve',
] as const

/** The entries in `functions/`: one per privilege, not one per route. */
export type EntryName = (typeof ENTRY_NAMES)[number]

/**
 * Packages that lie beside a bundle which imports them, to be read when they are first needed: no
 * function parses them as it starts.
 */
export const BESIDE = ['disposable-email-domains-js'] as const

/** How everything that runs in Lambda is bundled. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  external: [...BESIDE],
  alias: {
    '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lambda-credentials.ts'),
    '@aws-sdk/middleware-endpoint-discovery': join(import.meta.dirname, 'endpoint-discovery.ts'),
  },
  logLevel: 'warning',
} satisfies BuildOptions

/**
 * A function's entry and all it imports, the AWS SDK too, as one minified CommonJS file. Measured:
 * a bundled SDK loads faster than the runtime's, and CommonJS faster than an ES module.
 *
 * esbuild runs in this process; `NodejsFunction` starts one by npx for every function.
 */
export function bundledCode(name: EntryName): Code {
  return Code.fromAsset(FUNCTIONS, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('never-used'),
      // The CDK caches by this text; without it all functions would share one bundle.
      command: [join(FUNCTIONS, `${name}.ts`)],
      local: {
        tryBundle(outputDirectory) {
          writeBundle(name, outputDirectory)
          return true
        },
      },
    },
  })
}

function writeBundle(name: EntryName, directory: string): void {
  bundles ??= bundleAll()
  const bundle = Buffer.from(bundles.get(`${name}.js`)!)
  writeFileSync(join(directory, 'index.js'), bundle)
  for (const imported of BESIDE.filter((each) => bundle.includes(each))) {
    writePackage(imported, join(directory, 'node_modules', imported))
  }
  // So that the file is CommonJS wherever it lies, also below a package of ES modules.
  writeFileSync(join(directory, 'package.json'), '{"type":"commonjs"}\n')
}

/** A package as one ES module, where the bundle's own `import()` finds it. */
function writePackage(name: string, directory: string): void {
  mkdirSync(directory, { recursive: true })
  // By their names: those of a CommonJS module are not known before it runs.
  const names = Object.keys(createRequire(import.meta.url)(name) as object)
  const contents = `export { ${names.join(', ')} } from '${name}'`
  const stdin = { contents, resolveDir: import.meta.dirname }
  const outfile = join(directory, 'index.js')
  buildSync({ ...BUNDLE_OPTIONS, external: [], format: 'esm', stdin, outfile })
  writeFileSync(join(directory, 'package.json'), '{"type":"module","main":"index.js"}\n')
}

let bundles: Map<string, Uint8Array> | undefined

/** Bundles by file name. All entries at once: esbuild then reads what they share only once. */
function bundleAll(): Map<string, Uint8Array> {
  const { outputFiles } = buildSync({
    ...BUNDLE_OPTIONS,
    entryPoints: ENTRY_NAMES.map((name) => join(FUNCTIONS, `${name}.ts`)),
    outdir: FUNCTIONS,
    write: false,
  })
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]))
}
