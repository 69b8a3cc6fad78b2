/** The operator's command line: `npx otpost --help`. */
import { connectTo } from '../lib/cli/connect.ts'
import { main } from '../lib/cli/main.ts'
import { processIo } from '../lib/cli/terminal.ts'

process.exitCode = await main(process.argv.slice(2), processIo(), connectTo(process.env))
