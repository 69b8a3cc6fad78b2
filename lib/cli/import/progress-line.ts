import type { Io } from '../command.ts'
import type { Counts, Progress } from './progress-file.ts'

/** How often a line is written where nobody watches, in milliseconds. */
const EVERY_MS = 10_000
/** How often the line is written over where somebody does. */
const REFRESH_MS = 100
/** Clears what an earlier, longer text left behind. */
const CLEAR = '\x1b[K'

export type ProgressLine = {
  progress(now: Pick<Progress, 'done' | 'counts'>): void
  /** A line of its own, for something that happened. */
  line(text: string): void
  end(): void
}

/** One line that is written over where somebody watches; a line now and then where not. */
export function progressLine(io: Io, from: Progress, quiet: boolean): ProgressLine {
  const began = io.now()
  let toldAt = io.watched ? began - REFRESH_MS : began
  let open = false
  const closeLine = () => {
    if (open) io.err('\n')
    open = false
  }
  return {
    progress({ done, counts }) {
      if (quiet) return
      const ended = done.bytes >= from.file.bytes
      const pause = io.watched ? REFRESH_MS : EVERY_MS
      if (io.now() - toldAt < pause && !(io.watched && ended)) return
      toldAt = io.now()
      const text = stateText(from, { done, counts }, io.now() - began)
      io.err(io.watched ? `\r${text}${CLEAR}` : `${text}\n`)
      open = io.watched
    },
    line(text) {
      if (quiet) return
      closeLine()
      io.err(`${text}\n`)
    },
    end: closeLine,
  }
}

function stateText(
  from: Progress,
  { done, counts }: Pick<Progress, 'done' | 'counts'>,
  elapsedMs: number,
): string {
  const share = from.file.bytes === 0 ? 1 : done.bytes / from.file.bytes
  const rate = elapsedMs > 0 ? ((done.rows - from.done.rows) * 1000) / elapsedMs : 0
  const now = done.bytes - from.done.bytes
  const leftMs = now > 0 ? ((from.file.bytes - done.bytes) * elapsedMs) / now : undefined
  return [
    `${Math.floor(share * 100)} %`,
    `${grouped(done.rows)} rows`,
    `${grouped(Math.round(rate))}/s`,
    ...(leftMs === undefined ? [] : [`${duration(leftMs)} left`]),
    `${grouped(counts.skipped)} skipped`,
  ].join(', ')
}

/** What became of all rows, as a sentence without its full stop. */
export function countsText(counts: Counts): string {
  const { added, updated, unchanged, left, enrolled, skipped } = counts
  return [
    `${grouped(added)} added`,
    `${grouped(updated)} updated`,
    `${grouped(unchanged)} unchanged`,
    ...(left > 0 ? [`${grouped(left)} left alone`] : []),
    ...(enrolled > 0 ? [`${grouped(enrolled)} tokens enrolled`] : []),
    `${grouped(skipped)} skipped`,
  ].join(', ')
}

const grouped = (count: number) => count.toLocaleString('en')

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const two = (value: number) => String(value).padStart(2, '0')
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}
