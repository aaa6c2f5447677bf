import type { Notice, PathNotice } from "@vsix/shared/notify/notice.ts";
import type { Notifier } from "@vsix/shared/notify/notifier.ts";
import type { ConfiguredReceiver } from "@vsix/shared/notify/receivers-file.ts";
import type { ExpectedEntry, ExpectedPaths } from "@vsix/shared/paths/expected.ts";
import { type Accepted, type PathStatus, PathWatch } from "@vsix/shared/paths/path-watch.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import { type TraceOrder, TraceSensor } from "../sensors/trace.ts";
import type { Tracer } from "../sensors/tracer.ts";
import { drained, openNotifier } from "./receivers.ts";
import type { WatchVoice } from "./voice.ts";
import type { Remembered, WatchMemory } from "./watch-memory.ts";

export interface WatcherOptions {
  /** Name of this machine in the file. */
  readonly source: string;
  /** Of this machine alone, at a pace that can be kept. */
  readonly paths: ExpectedPaths;
  readonly receivers: readonly ConfiguredReceiver[];
  readonly tracer: Tracer;
  /** Where traces come from; absent: what the kernel chooses for each target. */
  readonly sourceAddress?: string;
  /** Absent: nothing outlives this process. */
  readonly memory?: WatchMemory;
  readonly voice: WatchVoice;
  readonly newId: () => string;
  /** In [0, 1). */
  readonly random: () => number;
  readonly wallMs: () => number;
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
}

const TICK_MS = 1_000;
/** What happens within is written once. */
const TOGETHER_MS = 100;
/** At the end, for notices under way. */
const FAREWELL_MS = 3_000;

/**
 * Watches paths from this machine: traces in, events to the voice, notices to people. What people are about to be told is written
 * down before it is sent, with the notices that have not arrived: so a restart neither forgets nor repeats.
 */
export class Watcher implements AsyncDisposable {
  readonly #options: WatcherOptions;
  readonly #watch: PathWatch;
  readonly #notifier: Notifier;
  #sensor: TraceSensor | undefined;
  #tick: NodeJS.Timeout | undefined;
  #together: NodeJS.Timeout | undefined;
  /** Events that nobody was told yet, not even the disk. */
  #fresh: PathNotice[] = [];
  #unsaved = false;
  #diskFault: string | undefined;

  /** Begins with what the memory has; nothing is traced before {@link begin}. */
  static async open(options: WatcherOptions): Promise<Watcher> {
    const watcher = new Watcher(options);
    const known = options.memory?.read();
    watcher.#restore(known);
    await watcher.#notifier.use(options.receivers, known?.waiting);
    watcher.setPaths(options.paths);
    return watcher;
  }

  private constructor(options: WatcherOptions) {
    this.#options = options;
    const { source, newId, random, wallMs, voice } = options;
    this.#watch = new PathWatch({
      onEvent: (event) => voice.event(event),
      onNotice: (event) => {
        this.#fresh.push(this.#notifier.noticeOf(event));
        this.#soon();
      },
      changes: () => [],
    });
    const onDone = (_: string, { kind }: Notice): void => {
      if (kind === "path") this.#unsaved = true;
    };
    this.#notifier = openNotifier({ from: source, newId, random, wallMs, voice, onDone });
  }

  get watch(): PathWatch {
    return this.#watch;
  }

  list(): readonly PathStatus[] {
    return this.#watch.list(this.#options.wallMs());
  }

  /** What is expected from now on. */
  setPaths(paths: ExpectedPaths): void {
    this.#watch.setExpected(paths, paths.directory, this.#options.wallMs(), [this.#options.source]);
  }

  /** Traces these paths from now on, instead of those before. */
  async begin(entries: readonly ExpectedEntry[]): Promise<void> {
    await this.#sensor?.[Symbol.asyncDispose]();
    const { tracer, source, sourceAddress, voice, wallMs, nowMs } = this.#options;
    this.#sensor = new TraceSensor({
      tracer,
      source,
      orders: entries.map((entry) => orderOf(entry, sourceAddress)),
      onTrace: (trace) => void this.accept(trace),
      onFault: ({ target }, error) =>
        voice.fault(`${target} is traced no more: ${error instanceof Error ? error.stack : String(error)}`),
      wallMs,
      nowMs,
    });
    this.#tick ??= setInterval(() => this.#look(), TICK_MS);
  }

  /** One look. */
  accept(trace: Trace): Accepted {
    const accepted = this.#watch.accept(trace, this.#options.wallMs());
    this.#soon();
    return accepted;
  }

  /** Whom to tell from now on. */
  async setReceivers(receivers: readonly ConfiguredReceiver[]): Promise<void> {
    await this.#notifier.use(receivers);
  }

  /** Something was ordered: it is to be remembered. */
  changed(): void {
    this.#unsaved = true;
    this.#soon();
  }

  /** Waits until every notice has arrived, or so long. */
  async told(ms: number): Promise<void> {
    this.#flush();
    await drained(this.#notifier, ms);
  }

  /** Notices that have not arrived, over all receivers. */
  get waiting(): number {
    return Object.values(this.#notifier.waiting()).reduce((sum, notices) => sum + notices.length, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#tick);
    await this.#sensor?.[Symbol.asyncDispose]();
    await this.told(FAREWELL_MS);
    this.#unsaved = true;
    this.#save([]);
    await this.#notifier[Symbol.asyncDispose]();
  }

  #restore(known: Remembered | undefined): void {
    const { voice, wallMs } = this.#options;
    if (known?.fault !== undefined) voice.fault(`${known.fault}; what was remembered before is used, if any`);
    if (known?.watch === undefined) return;
    if (this.#watch.restore(known.watch, wallMs())) return;
    voice.fault("some of what was remembered cannot be read; those paths begin anew");
  }

  #look(): void {
    const { voice, wallMs } = this.#options;
    this.#watch.tick(wallMs());
    voice.look(this.list(), wallMs());
    this.#soon();
  }

  #soon(): void {
    this.#together ??= setTimeout(() => this.#flush(), TOGETHER_MS);
  }

  /** To the disk first, then to people. */
  #flush(): void {
    clearTimeout(this.#together);
    this.#together = undefined;
    const fresh = this.#fresh;
    this.#fresh = [];
    if (this.#watch.takeChanged().length > 0 || fresh.length > 0) this.#unsaved = true;
    this.#save(fresh);
    for (const notice of fresh) this.#notifier.send(notice);
  }

  /** What the disk refuses now is tried again at the next look; people are told all the same. */
  #save(more: readonly PathNotice[]): void {
    const { memory, voice } = this.#options;
    if (memory === undefined || !this.#unsaved) return;
    try {
      memory.write(this.#watch.toJSON(), this.#notifier.waiting(more));
      this.#unsaved = false;
      if (this.#diskFault !== undefined) voice.fault("the disk takes what is to be remembered again");
      this.#diskFault = undefined;
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (words !== this.#diskFault) voice.fault(`nothing can be remembered: ${words}`);
      this.#diskFault = words;
    }
  }
}

/** What the tracer is to do for an entry; from where the kernel chooses, unless an address is given. */
export function orderOf(entry: ExpectedEntry, sourceAddress?: string): TraceOrder {
  const { target, targetAddress, protocol, flows, intervalMs } = entry;
  const from = sourceAddress === undefined ? {} : { sourceAddress };
  return { target, targetAddress, protocol, flows, intervalMs, ...from };
}
