const LOOK_EVERY_MS = 200

/**
 * Calls back once this process has lost its launcher, even to a signal nobody can catch: a stack
 * nobody can see would keep its ports and its data. Does nothing when it was started without one.
 */
export function whenOrphaned(launcherPid: string | undefined, orphaned: () => void): void {
  if (Number(launcherPid) !== process.ppid) return
  const timer = setInterval(() => {
    if (String(process.ppid) === launcherPid) return
    clearInterval(timer)
    orphaned()
  }, LOOK_EVERY_MS)
  timer.unref()
}
