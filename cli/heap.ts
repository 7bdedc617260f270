// Heap: how much garbage lies between two full collections, and how many threads work on one. On a machine with much memory V8
// lets the heap grow to several times what lives in it: a twin that held 230 MB took 900. Here it grows by the same room whatever
// lives, or up to a size that is no matter. And V8 marks with four threads beside the program, however few processors there are: on
// two, for the tenth of a second that takes, others wait for one. Of a hundred answers the slowest took 8 to 70 ms in runs of six seconds, 11 to 15 with a processor left;
// how many events a second there were did not change by what could be told.
import { availableParallelism } from 'node:os'
import { constants, type NodeGCPerformanceDetail, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'

// 80 MB. V8 begins a full collection when what the young generation could bring no longer fits, 17 MB before the room is used up. Six
// times as much gained no throughput.
const ROOM_BYTES_MIN = 80e6
// 272 MB: a small heap may have more room. Each full collection makes answers late for a tenth of a second.
const HEAP_BYTES = 272e6
// A fifth at least: of a large heap a full collection takes long. Of a small one it may be four times as much, as V8 has it by itself.
const [PERCENT_MIN, PERCENT_MAX] = [20, 300]

/** The growth, in percent of what lives, after which V8 collects all of it. */
export const growthPercent = (liveBytes: number): number =>
  Math.round(
    Math.min(PERCENT_MAX, Math.max(PERCENT_MIN, (100 * Math.max(ROOM_BYTES_MIN, HEAP_BYTES - liveBytes)) / liveBytes)),
  )

// Node gives V8 four threads to work beside the program.
const MARKERS_MAX = 4
// What V8 has of its own accord: more than there are threads.
const MARKERS_OF_V8 = 7

/** Threads that mark beside the program, on a machine of so many processors. */
export const markers = (processors: number): number => Math.max(1, Math.min(MARKERS_MAX, processors - 1))

const setMarkers = (count: number): void => setFlagsFromString(`--concurrent-marking-max-worker-num=${count}`)

const isMajor = (entry: object): boolean =>
  (entry as { detail?: NodeGCPerformanceDetail }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR

/** Bounds this process's heap, and who works on it, until the returned function is called. V8 looks at both flags with each full collection. */
export function boundHeap(): () => void {
  const bound = () => setFlagsFromString(`--heap-growing-percent=${growthPercent(getHeapStatistics().used_heap_size)}`)
  const observer = new PerformanceObserver(list => {
    if (list.getEntries().some(isMajor)) bound()
  })
  bound()
  setMarkers(markers(availableParallelism()))
  observer.observe({ entryTypes: ['gc'] })
  return () => {
    observer.disconnect()
    setFlagsFromString('--heap-growing-percent=0')
    setMarkers(MARKERS_OF_V8)
  }
}

/**
 * For the whole process, at its beginning: no objects are made in the old generation because those made at the same place before them
 * lived long. A twin's do, while a store is opened or a batch waits; whatever was made at those places in the batches after that was old
 * from the beginning, held everything young it pointed to until the next full collection, and there were twice as many of these.
 * Whether V8 came to that was a matter of chance: processes of the same code took a third longer, or not (docs/PERFORMANCE.md).
 */
export const turnOffPretenuring = (): void => setFlagsFromString('--no-allocation-site-pretenuring')
