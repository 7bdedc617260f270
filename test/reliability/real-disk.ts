// Real disks, as root: small file systems in files and in memory, power cuts by copying an image while the server is stopped,
// and system calls that fail on their way. What the machine does not allow is said, and its tests are skipped.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const run = (command: string, ...args: string[]): void => void execFileSync(command, args, { stdio: 'pipe' })
const succeeds = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'pipe' }).status === 0

/** Why file systems cannot be made here; undefined when they can. */
export function whyNoMounts(folder: string): string | undefined {
  if (process.platform !== 'linux') return `needs Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'needs root'
  const probe = join(folder, 'probe')
  mkdirSync(probe, { recursive: true })
  if (!succeeds('mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', probe)) return 'mount is not allowed'
  run('umount', probe)
  if (!succeeds('mkfs.ext4', '-V')) return 'there is no mkfs.ext4'
  return succeeds('losetup', '--find') ? undefined : 'there are no loop devices'
}

/** Why system calls cannot be made to fail here; undefined when they can. */
export function whyNoInjection(): string | undefined {
  if (process.platform !== 'linux') return `needs Linux, this is ${process.platform}`
  const works = succeeds('strace', '-f', '-o', '/dev/null', '-e', 'inject=fdatasync:error=EIO:when=1+', 'true')
  return works ? undefined : 'strace is not there, or may not trace'
}

export interface Mounted {
  readonly folder: string
  unmount(): void
}

export function memoryDisk(folder: string, megabytes: number): Mounted {
  mkdirSync(folder, { recursive: true })
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder)
  return mounted(folder)
}

/** An ext4 file system in a file. */
export function imageDisk(image: string, folder: string, megabytes: number): Mounted {
  run('truncate', '-s', `${megabytes}M`, image)
  run('mkfs.ext4', '-q', '-F', image)
  return mountedImage(image, folder)
}

export function mountedImage(image: string, folder: string): Mounted {
  mkdirSync(folder, { recursive: true })
  run('mount', '-o', 'loop', image, folder)
  return mounted(folder)
}

/** The image as the power cut leaves it: what the file system has not written to it is gone. */
export function copyImage(image: string, copy: string): void {
  rmSync(copy, { force: true })
  run('cp', '--sparse=always', image, copy)
}

const mounted = (folder: string): Mounted => ({ folder, unmount: () => void spawnSync('umount', ['-l', folder]) })

/** A wrapper under which `fdatasync` and its like fail from the `count`th on. */
export const failingSync = (call: 'fdatasync' | 'pwrite64', count: number): readonly string[] => [
  // One thread for the disk: calls are counted per thread.
  'env',
  'UV_THREADPOOL_SIZE=1',
  'strace',
  // The tracer stands aside: signals reach the server.
  '-D',
  '-f',
  '--seccomp-bpf',
  '-o',
  '/dev/null',
  '-e',
  `trace=${call}`,
  '-e',
  `inject=${call}:error=EIO:when=${count}+`,
]
