import { open } from "node:fs/promises";
import type { EpeSource, FabricEpe } from "@vsix/shared/fabric/epe-model.ts";
import type { Logger } from "pino";
import { type DestinationSource, parseDestinations } from "../core/epe/destinations.ts";
import { messageOf } from "../errors.ts";

/** How one source is. */
export interface SourceState {
  readonly name: string;
  /** Destinations of its last good reading; undefined before the first. */
  readonly count: number | undefined;
  /** Why the last reading failed; then the one before goes on. */
  readonly fault: string | undefined;
}

interface Held {
  readonly source: EpeSource;
  destinations: DestinationSource["destinations"] | undefined;
  fault: string | undefined;
  nextMs: number;
}

/** A URL that does not answer in this time is tried again later. */
const FETCH_MS = 20_000;
/** After a failure, at most this long. */
const RETRY_MS = 60_000;

/** Lists of destinations that are loaded again and again. What cannot be read changes nothing: its last good reading goes on. */
export class DestinationSources {
  readonly #log: Logger;
  #held: readonly Held[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Loads what is due. True when something changed. Never throws. */
  async look({ destinations }: FabricEpe, nowMs: number, signal: AbortSignal): Promise<boolean> {
    const before = new Map(this.#held.map((one) => [nameOf(one.source), one]));
    this.#held = destinations.sources.map((source) => {
      const old = before.get(nameOf(source));
      return old !== undefined && JSON.stringify(old.source) === JSON.stringify(source)
        ? old
        : { source, destinations: old?.destinations, fault: undefined, nextMs: nowMs };
    });
    let changed = this.#held.length !== before.size;
    for (const held of this.#held) {
      if (held.nextMs > nowMs) continue;
      changed = (await this.#load(held, nowMs, signal)) || changed;
    }
    return changed;
  }

  /** Whether every source has been read once: before that nothing is known to be gone. */
  get complete(): boolean {
    return this.#held.every(({ destinations, fault }) => destinations !== undefined || fault !== undefined);
  }

  lists(): readonly DestinationSource[] {
    return this.#held.flatMap(({ source, destinations }) =>
      destinations === undefined ? [] : [{ name: nameOf(source), destinations }],
    );
  }

  states(): readonly SourceState[] {
    return this.#held.map(({ source, destinations, fault }) => ({
      name: nameOf(source),
      count: destinations?.length,
      fault,
    }));
  }

  async #load(held: Held, nowMs: number, signal: AbortSignal): Promise<boolean> {
    const { source } = held;
    const before = JSON.stringify(held.destinations);
    const read = await readSource(source, signal);
    if (typeof read === "string") {
      if (held.fault !== read)
        this.#log.warn({ source: nameOf(source), reason: read }, "destinations not read");
      held.fault = read;
      held.nextMs = nowMs + Math.min(source.refreshS * 1000, RETRY_MS);
      return false;
    }
    held.fault = undefined;
    held.destinations = read.destinations;
    held.nextMs = nowMs + source.refreshS * 1000;
    return before !== JSON.stringify(read.destinations);
  }
}

export function nameOf({ from }: EpeSource): string {
  return "file" in from ? from.file : from.url;
}

type Read = { readonly destinations: DestinationSource["destinations"] };

/** The destinations, or what is wrong. */
async function readSource(source: EpeSource, signal: AbortSignal): Promise<Read | string> {
  const { from, maxBytes } = source;
  try {
    const text =
      "file" in from ? await readText(from.file, maxBytes) : await fetchText(from.url, maxBytes, signal);
    if (text === undefined) return `longer than ${maxBytes} octets (maxBytes)`;
    const parsed = parseDestinations(text, source);
    return parsed.ok ? parsed : `line ${parsed.line}: ${parsed.message}`;
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
  }
}

/** Undefined when there is more than `maxBytes`. */
async function readText(path: string, maxBytes: number): Promise<string | undefined> {
  await using file = await open(path, "r");
  if (!(await file.stat()).isFile()) throw new Error("not a regular file");
  const buffer = Buffer.alloc(maxBytes + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) return buffer.subarray(0, length).toString("utf8");
    length += bytesRead;
  }
  return undefined;
}

/** No redirect is followed: the operator named whom to ask. Undefined when there is more than `maxBytes`. */
async function fetchText(url: string, maxBytes: number, signal: AbortSignal): Promise<string | undefined> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]);
  const answer = await fetch(url, { redirect: "error", signal: limited });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
