#!/usr/bin/env node
/** `npx otpost …` on any Node: starts the command line under the Node it is written for. */
import { fileURLToPath } from 'node:url'

process.argv.splice(2, 0, fileURLToPath(new URL('otpost.ts', import.meta.url)))
await import('./node24.mjs')
