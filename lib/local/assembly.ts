/** Reads what `cdk synth` left: the templates and where the functions' bundles lie. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NamedTemplate, Template } from './cfn.ts'

export type Assembly = {
  templates: NamedTemplate[]
  /** Directory of the asset that was uploaded under this S3 key. Throws when there is none. */
  assetDirectory(s3Key: string): string
}

type Artifact = {
  type: string
  properties?: { templateFile?: string; stackName?: string; file?: string }
}
type AssetFile = { source: { path: string }; destinations: Record<string, { objectKey: string }> }

/** Reads a cdk.out directory. */
export function readAssembly(directory: string): Assembly {
  const read = <T>(file: string) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as T
  const { artifacts } = read<{ artifacts: Record<string, Artifact> }>('manifest.json')

  const templates = Object.entries(artifacts).flatMap(([id, { type, properties }]) => {
    if (type !== 'aws:cloudformation:stack') return []
    const template = read<Template>(properties!.templateFile!)
    return [{ stack: properties!.stackName ?? id, template }]
  })

  const sources = new Map<string, string>()
  for (const { type, properties } of Object.values(artifacts)) {
    if (type !== 'cdk:asset-manifest') continue
    const { files } = read<{ files?: Record<string, AssetFile> }>(properties!.file!)
    for (const { source, destinations } of Object.values(files ?? {})) {
      for (const { objectKey } of Object.values(destinations)) {
        sources.set(objectKey, join(directory, source.path))
      }
    }
  }

  return {
    templates,
    assetDirectory(s3Key) {
      const source = sources.get(s3Key)
      if (!source) throw new Error(`The assembly has no asset ${s3Key}.`)
      return source
    },
  }
}
