import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import { tellSignedOut } from "./client.ts";

/** How long until a stream that was refused is asked for again, milliseconds; doubled each time. */
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

export type LiveState = "off" | "connecting" | "live";
type Handler = (data: unknown) => void;

/** One stream of server-sent events, shared by whoever listens to it; there while anybody does. */
class Stream {
  readonly #path: string;
  readonly #handlers = new Map<string, Set<Handler>>();
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;
  state: LiveState = "off";

  constructor(path: string) {
    this.#path = path;
  }

  listen(type: string, handler: Handler): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    const isNew = !this.#handlers.has(type);
    this.#handlers.set(type, handlers.add(handler));
    if (this.#source === undefined) this.#open();
    else if (isNew) this.#source.addEventListener(type, this.#hear);
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0) this.#handlers.delete(type);
      if (this.#handlers.size === 0) this.#close();
    };
  }

  readonly #hear = (event: MessageEvent<string>): void => {
    let data: unknown;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    for (const handler of [...(this.#handlers.get(event.type) ?? [])]) handler(data);
  };

  #open(): void {
    const source = new EventSource(this.#path);
    this.#source = source;
    this.#become("connecting");
    for (const type of this.#handlers.keys()) source.addEventListener(type, this.#hear);
    source.addEventListener("open", () => {
      this.#retryMs = FIRST_RETRY_MS;
      this.#become("live");
      // What happened meanwhile was not heard.
      for (const handler of [...(this.#handlers.get(OPENED) ?? [])]) handler(undefined);
    });
    source.addEventListener("error", () => {
      this.#become("connecting");
      if (source.readyState !== EventSource.CLOSED) return;
      // Refused, which browsers do not try again; whether anybody is signed in still, the page finds out.
      tellSignedOut();
      this.#source = undefined;
      this.#timer = setTimeout(() => this.#open(), this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    });
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
    this.#become("off");
  }

  #become(state: LiveState): void {
    this.state = state;
    for (const tell of watchers) tell();
  }
}

/** Told each time the stream is open, the first time too: what is shown may be old by then. */
export const OPENED = "opened";

const streams = new Map<string, Stream>();
const watchers = new Set<() => void>();

function streamOf(path: string): Stream {
  const stream = streams.get(path) ?? new Stream(path);
  streams.set(path, stream);
  return stream;
}

/** Calls `handler` at each event of one of these types, as long as the page is shown. `types` must not change. */
export function useEvents(
  path: "/v1/events" | "/v1/me/events",
  types: readonly string[],
  handler: (type: string, data: unknown) => void,
): void {
  const hear = useEffectEvent(handler);
  const joined = types.join(" ");
  useEffect(() => {
    const stream = streamOf(path);
    const stops = joined.split(" ").map((type) => stream.listen(type, (data) => hear(type, data)));
    return () => {
      for (const stop of stops) stop();
    };
  }, [path, joined]);
}

/** Of all streams that are listened to, how the worst one is. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => {
      const states = [...streams.values()].map(({ state }) => state).filter((state) => state !== "off");
      if (states.length === 0) return "off";
      return states.every((state) => state === "live") ? "live" : "connecting";
    },
  );
}
