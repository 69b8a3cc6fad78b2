import { AssetHashType, DockerImage } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { type BuildOptions, buildSync } from 'esbuild'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FUNCTIONS = join(import.meta.dirname, '..', 'functions')

/** How everything that runs in Lambda is bundled. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
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
export function bundledCode(name: string): Code {
  const entry = join(FUNCTIONS, `${name}.ts`)
  return Code.fromAsset(FUNCTIONS, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('never-used'),
      // The CDK caches by this text; without it all functions would share one bundle.
      command: [entry],
      local: {
        tryBundle(outputDirectory) {
          bundle(entry, outputDirectory)
          return true
        },
      },
    },
  })
}

function bundle(entry: string, directory: string): void {
  buildSync({ ...BUNDLE_OPTIONS, entryPoints: [entry], outfile: join(directory, 'index.js') })
  // So that the file is CommonJS wherever it lies, also below a package of ES modules.
  writeFileSync(join(directory, 'package.json'), '{"type":"commonjs"}\n')
}
