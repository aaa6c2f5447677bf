import { type HopDirectory, joinDirectories } from "@vsix/shared/paths/directory.ts";
import type { ExpectedPaths } from "@vsix/shared/paths/expected.ts";
import { fabricDirectory } from "@vsix/shared/paths/fabric-directory.ts";
import { type PathStatus, PathWatch } from "@vsix/shared/paths/path-watch.ts";
import type { SilenceRule } from "@vsix/shared/paths/silences.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import type { PathEvent, WatchSettings } from "@vsix/shared/paths/watch-state.ts";
import type { Logger } from "pino";
import { type Clock, timestamp } from "../clock.ts";
import type { InForce } from "../desired/in-force.ts";
import { Serial } from "../desired/serial.ts";
import { ControllerError, messageOf } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { pathsToWatch } from "./paths-to-watch.ts";
import { RecentChanges } from "./recent-changes.ts";
import { type NoticeMemory, readMemory, WatchRecorder } from "./watch-recorder.ts";

export interface PathWatcherOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly least: WatchSettings["least"];
  /** Tells people; does not wait. */
  readonly tell: (event: PathEvent) => void;
  /** What was not told yet; kept with what people were told. */
  readonly waiting: () => NoticeMemory;
}

/** An event and its number in the log. */
export interface NumberedEvent {
  readonly id: number;
  readonly event: PathEvent;
}

/** Who asks for what. */
export interface Order {
  readonly who: string;
  readonly source: string;
  readonly target: string;
  readonly note: string;
}

/**
 * Watches every path that the file in force expects: traces in, events into the database and to whoever listens, notices
 * out. Judging waits for nobody: neither for the database nor for a receiver.
 */
export class PathWatcher implements AsyncDisposable {
  readonly #options: PathWatcherOptions;
  readonly #watch: PathWatch;
  readonly #changes = new RecentChanges();
  readonly #recorder: WatchRecorder;
  readonly #serial = new Serial();
  readonly #listeners = new Set<(event: NumberedEvent) => void>();
  #directory: HopDirectory | undefined;

  private constructor(options: PathWatcherOptions) {
    this.#options = options;
    this.#recorder = new WatchRecorder(options.store, options.waiting);
    this.#watch = new PathWatch({
      onEvent: (event) => this.#recorder.add(event),
      onNotice: (event) => options.tell(event),
      changes: () => this.#changes.list(),
      least: options.least,
    });
  }

  /** Goes on from what the database remembers. */
  static async open(options: PathWatcherOptions): Promise<PathWatcher> {
    const watcher = new PathWatcher(options);
    const { store, clock, log } = options;
    const whole = watcher.#watch.restore(await readMemory(store.read), clock.wallMs());
    if (!whole) log.error("some of what the path watch remembered cannot be read; those paths begin anew");
    await watcher.#changes.refresh(store.read, clock.wallMs());
    return watcher;
  }

  /** After each commit: what is expected, and who is who. */
  setInForce(inForce: InForce): void {
    const known = fabricDirectory(inForce.fabric);
    const expected: ExpectedPaths = pathsToWatch(inForce);
    const directory = joinDirectories(expected.directory, known);
    this.#directory = directory;
    this.#watch.setExpected(expected, directory, this.#options.clock.wallMs(), []);
    void this.#record();
  }

  /** A trace that came. */
  accept(trace: Trace): void {
    this.#watch.accept(trace, this.#options.clock.wallMs());
    void this.#record();
  }

  /** To be called every second. */
  async tick(): Promise<void> {
    const at = this.#options.clock.wallMs();
    await this.#changes.refresh(this.#options.store.read, at);
    this.#watch.tick(at);
    void this.#record();
  }

  /** Calls back with each event once it is in the log. The listener must not throw. */
  listen(listener: (event: NumberedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  list(): readonly PathStatus[] {
    return this.#watch.list(this.#options.clock.wallMs());
  }

  get silences(): readonly SilenceRule[] {
    const at = this.#options.clock.wallMs();
    return this.#watch.silences.filter(({ until }) => at < until);
  }

  /** Throws ControllerError `unknown-path`. */
  get(source: string, target: string): PathStatus {
    const status = this.#watch.get(source, target, this.#options.clock.wallMs());
    if (status !== undefined) return status;
    throw new ControllerError("unknown-path", `no path from ${source} to ${target} is expected`);
  }

  get directory(): HopDirectory | undefined {
    return this.#directory;
  }

  /** Throws ControllerError `unknown-path`, `path-well`. */
  async acknowledge({ who, source, target, note }: Order): Promise<void> {
    await this.#ordered(who, "path-ack", { source, target, note }, (at) => {
      this.get(source, target);
      if (this.#watch.acknowledge(source, target, who, at, note) === "acknowledged") return;
      throw new ControllerError("path-well", `nobody was told that ${source} to ${target} is wrong`);
    });
  }

  /** "*" is every source or target. Throws ControllerError `unknown-path`, `too-many-silences`. */
  async silence({ who, source, target, note }: Order, forMs: number): Promise<void> {
    const detail = { source, target, forS: Math.round(forMs / 1000), note };
    await this.#ordered(who, "path-silence", detail, (at) => {
      this.#known(source, target);
      const rule = { source, target, by: who, until: at + forMs, reason: note };
      if (this.#watch.silence(rule)) return;
      throw new ControllerError("too-many-silences", "there are too many silences; end some of them");
    });
  }

  /** Throws ControllerError `not-silenced`. */
  async endSilence({ who, source, target }: Omit<Order, "note">): Promise<void> {
    await this.#ordered(who, "path-unsilence", { source, target }, () => {
      if (this.#watch.endSilence(source, target)) return;
      const known = this.silences.map((rule) => `${rule.source} ${rule.target}`).join(", ") || "none";
      throw new ControllerError("not-silenced", `no silence is of ${source} ${target}; there are: ${known}`);
    });
  }

  /** What waits to be told has changed. */
  waitingChanged(): void {
    this.#recorder.waitingChanged();
    void this.#record();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#record();
  }

  #known(source: string, target: string): void {
    const fits = this.list().some(
      ({ state }) =>
        (source === "*" || state.source === source) && (target === "*" || state.target === target),
    );
    if (!fits) throw new ControllerError("unknown-path", `no path from ${source} to ${target} is expected`);
  }

  /** What somebody orders is done, then written down together with who did; nothing is done that is refused. */
  async #ordered(who: string, what: string, detail: object, act: (at: number) => void): Promise<void> {
    const at = this.#options.clock.wallMs();
    act(at);
    this.#recorder.silences(this.#watch.silences);
    this.#recorder.audit({ at: timestamp(at), who, what, detail: JSON.stringify(detail) });
    if (await this.#record()) return;
    const until = "it holds, but could not be written down: who ordered it is unknown until it is";
    throw new ControllerError("store", `${until}, and a restart forgets it; the controller's log says why`);
  }

  /** In the background, one piece after another. What the database refuses now is tried again with the next piece. */
  async #record(): Promise<boolean> {
    this.#recorder.changed(this.#watch.takeChanged());
    if (!this.#recorder.hasWork) return true;
    return this.#serial.run(async () => {
      try {
        for (const event of await this.#recorder.write())
          for (const listener of [...this.#listeners]) listener(event);
        return true;
      } catch (error) {
        this.#options.log.error({ reason: messageOf(error) }, "the path watch could not be written down");
        return false;
      }
    });
  }
}
