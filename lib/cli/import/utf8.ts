import { isUtf8 } from 'node:buffer'
import { FileError } from './row.ts'

const LINE_FEED = 0x0a
/** A character of UTF-8 has four bytes at most. */
const LONGEST_CHARACTER = 4

/**
 * The text of a file in UTF-8, in pieces of any size. Throws FileError that names the first line
 * which is something else, and never quotes it: it may hold a PIN.
 */
export async function* utf8Text(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let line = 1
  let cut: Buffer = Buffer.alloc(0)
  let first = true
  for await (const chunk of chunks) {
    const bytes = cut.length > 0 ? Buffer.concat([cut, chunk]) : chunk
    if (first && isUtf16(bytes)) throw new FileError(`The file is UTF-16. ${REMEDY}`)
    first = false
    const whole = bytes.subarray(0, wholeCharacters(bytes))
    if (!isUtf8(whole)) throw notUtf8(whole, line)
    cut = bytes.subarray(whole.length)
    line += countLines(whole)
    yield whole.toString('utf8')
  }
  if (cut.length > 0) throw notUtf8(cut, line)
}

const REMEDY =
  'Save it as UTF-8, or convert it: iconv -f <its encoding, such as latin1> -t utf-8 <file>.'

const isUtf16 = ([a, b]: Buffer) => (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)

/** How many bytes there are before a character that is cut off at the end. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back < LONGEST_CHARACTER && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) break
    if (byte >= 0xc0) return lengthOf(byte) > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Bytes of the character that begins with this one. */
function lengthOf(byte: number): number {
  if (byte >= 0xf0) return 4
  return byte >= 0xe0 ? 3 : 2
}

function notUtf8(bytes: Buffer, firstLine: number): FileError {
  let line = firstLine
  let start = 0
  for (;;) {
    const end = bytes.indexOf(LINE_FEED, start)
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) break
    start = end + 1
    line++
  }
  return new FileError(`Line ${line} is not UTF-8. ${REMEDY}`)
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++
  return count
}
