import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { type CaptureCounters, noCounters } from "@vsix/shared/dns/counters.ts";
import { AAAA_OUTCOMES, type AaaaOutcome } from "@vsix/shared/dns/model.ts";
import { parseName } from "@vsix/shared/dns/name.ts";
import { pairJson, pairLine } from "@vsix/shared/dns/pair-text.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { matchRows, type PairFilter } from "@vsix/shared/dns/segment-filter.ts";
import { FRAME_HEAD, framedSegments, frameHead } from "@vsix/shared/dns/segment-frames.ts";
import { typeNumber } from "@vsix/shared/dns/type-names.ts";
import { CAPTURE_SIZES, DEFAULT_TELESCREEN } from "@vsix/shared/fabric/telescreen-defaults.ts";
import { parsePref64, WELL_KNOWN_PREFIX } from "@vsix/shared/net/pref64.ts";
import { ConfigError } from "./config.ts";
import { parseIp, parseIpPrefix } from "./core/capture/ip-text.ts";
import { PacketCapture } from "./core/capture/packet-capture.ts";
import { keepFewPages } from "./io/resident-pages.ts";
import { CaptureLoop, type CaptureSettings } from "./sensors/capture-loop.ts";
import { PcapError, pcapPackets } from "./wire/capture/pcap.ts";

/** Somebody looks on. Into a file goes what the agent would make, when the agent would make it. */
const SHOWN_FLUSH_MS = 1000;
/** The capture runs, and what else the program had to do is done. */
const BEGUN_MS = 1000;

export interface DnsCommandOutside {
  readonly out: (text: string) => void;
  readonly signals: (listener: (signal: string) => void) => void;
}

/**
 * `vsix-agent dns`: captures DNS of interfaces or of a pcap file, or shows what was captured; without an agent or a controller.
 * @param args behind the word "dns". @returns the exit status. @throws ConfigError for wrong usage, and what io throws.
 */
export async function dnsCommand(args: readonly string[], outside: DnsCommandOutside): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      interface: { type: "string", multiple: true },
      read: { type: "string" },
      write: { type: "string" },
      port: { type: "string", multiple: true },
      pref64: { type: "string", multiple: true },
      resolver: { type: "string", multiple: true },
      timeout: { type: "string" },
      seconds: { type: "string" },
      ring: { type: "string" },
      rate: { type: "string", default: "router" },
      json: { type: "boolean", default: false },
      quiet: { type: "boolean", default: false },
      name: { type: "string" },
      below: { type: "string" },
      client: { type: "string" },
      type: { type: "string" },
      outcome: { type: "string" },
    },
  });
  const [verb, file] = positionals;
  const filter = filterOf(values);
  const show = (octets: Uint8Array): void => showRows(octets, filter, values.json, outside.out);
  if (verb === "show" && file !== undefined && positionals.length === 2) {
    showFile(file, show);
    return 0;
  }
  if (verb !== "capture" || positionals.length !== 1)
    throw new ConfigError("dns wants capture, or show FILE");
  const settings = settingsOf(values);
  using written = openOutput(values.write);
  const segment = (octets: Uint8Array<ArrayBuffer>): void => {
    written.add(octets);
    if (written.none && !values.quiet) show(octets);
    // At once: V8 counts memory outside of its heap as waste when there is much of it.
    octets.buffer.transfer(0);
  };
  let counters: CaptureCounters;
  if (values.read !== undefined) {
    counters = readPcap(values.read, settings, segment);
  } else {
    if (settings.interfaces.length === 0)
      throw new ConfigError("dns capture wants --interface IF, or --read FILE");
    counters = await captureUntilTold(settings, segment, numberOf("--seconds", values.seconds, 1e6), outside);
  }
  const figures = Object.fromEntries(Object.entries(counters).filter(([, n]) => n > 0));
  outside.out(values.json ? `${JSON.stringify({ figures: counters })}\n` : figureLines(figures));
  return 0;
}

interface CaptureValues {
  readonly interface?: string[];
  readonly port?: string[];
  readonly pref64?: string[];
  readonly resolver?: string[];
  readonly timeout?: string;
  readonly ring?: string;
  readonly rate: string;
  readonly write?: string;
}

function settingsOf(values: CaptureValues): CaptureSettings {
  const sizes =
    values.rate === "router" || values.rate === "home"
      ? CAPTURE_SIZES[values.rate]
      : wrong(`--rate: router or home, not ${values.rate}`);
  return {
    interfaces: values.interface ?? [],
    ports: (values.port ?? ["53"]).map((text) => numberOf("--port", text, 65_535) ?? 53),
    pref64: (values.pref64 ?? [WELL_KNOWN_PREFIX]).map(
      (text) => parsePref64(text) ?? wrong(`--pref64: ${text} is no prefix of RFC 6052`),
    ),
    resolvers: (values.resolver ?? []).map(
      (text) => parseIp(text) ?? wrong(`--resolver: ${text} is no address`),
    ),
    timeoutMs: (numberOf("--timeout", values.timeout, 3600) ?? 10) * 1000,
    capacity: sizes.waiting,
    ringOctets: (numberOf("--ring", values.ring, 1024) ?? sizes.ringKb / 1024) << 20,
    segmentRows: sizes.rows,
    flushMs: values.write === undefined ? SHOWN_FLUSH_MS : DEFAULT_TELESCREEN.flushMs,
    seed: randomBytes(4).readInt32LE(),
  };
}

function readPcap(
  file: string,
  settings: CaptureSettings,
  segment: (octets: Uint8Array<ArrayBuffer>) => void,
): CaptureCounters {
  const counters = noCounters();
  const codec = zstdCodec();
  const builder = new SegmentBuilder({
    seed: settings.seed,
    points: ["file"],
    maxRows: settings.segmentRows,
  });
  const flush = (): void => segment(builder.finish(codec, noCounters()));
  const capture = new PacketCapture(settings, builder, counters, flush);
  const bytes = readInput(file);
  try {
    for (const { at, end, length, protocol, second, nanosecond } of pcapPackets(bytes)) {
      capture.expire(second, nanosecond);
      capture.packet(bytes, at, end, length, protocol, second, nanosecond, 0);
    }
  } catch (cause) {
    if (!(cause instanceof PcapError)) throw cause;
    throw new ConfigError(`--read ${file}: ${cause.message}`, { cause });
  }
  capture.end();
  if (builder.rows > 0) flush();
  return counters;
}

async function captureUntilTold(
  settings: CaptureSettings,
  segment: (octets: Uint8Array<ArrayBuffer>) => void,
  seconds: number | undefined,
  { signals }: DnsCommandOutside,
): Promise<CaptureCounters> {
  const { promise: told, resolve, reject } = Promise.withResolvers<void>();
  signals(() => resolve());
  const timer = seconds === undefined ? undefined : setTimeout(resolve, seconds * 1000);
  using loop = new CaptureLoop(settings, {
    segment,
    condition: (_name, error) => {
      if (error !== undefined) reject(error);
    },
  });
  using _few = keepFewPages(BEGUN_MS);
  await told;
  clearTimeout(timer);
  await loop.end();
  return loop.counters;
}

/** @throws ConfigError where the file is none of `--write`; one that is cut short is shown as far as it goes first. */
function showFile(file: string, show: (octets: Uint8Array) => void): void {
  const bytes = readInput(file);
  let taken = 0;
  try {
    for (const octets of framedSegments(bytes)) {
      show(octets);
      taken += octets.length + FRAME_HEAD;
    }
  } catch (cause) {
    if (!(cause instanceof DnsSegmentError)) throw cause;
    throw new ConfigError(`${file}: octet ${taken} begins no captured DNS (${cause.message})`, { cause });
  }
  if (taken === bytes.length && taken > 0) return;
  if (taken === 0) throw new ConfigError(`${file}: no captured DNS, as \`dns capture --write\` writes it`);
  throw new ConfigError(`${file}: cut short at octet ${taken}; what stands before was shown`);
}

function readInput(file: string): Uint8Array {
  try {
    const { buffer, byteOffset, byteLength } = readFileSync(file);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw new ConfigError(
      `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

function figureLines(figures: Readonly<Record<string, number>>): string {
  const rows = Object.entries(figures).map(([name, n]) => `${name.padEnd(16)}${String(n).padStart(12)}\n`);
  return rows.length === 0 ? "nothing was captured\n" : rows.join("");
}

interface Output extends Disposable {
  readonly none: boolean;
  readonly add: (octets: Uint8Array) => void;
}

function openOutput(file: string | undefined): Output {
  if (file === undefined) return { none: true, add: () => undefined, [Symbol.dispose]: () => undefined };
  // Who asked for what is nobody else's business.
  const descriptor = opened(file);
  return {
    none: false,
    add: (octets) => {
      for (const part of [frameHead(octets), octets])
        for (let at = 0; at < part.length; ) at += writeSync(descriptor, part, at);
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

function opened(file: string): number {
  try {
    return openSync(file, "w", 0o600);
  } catch (cause) {
    throw new ConfigError(`--write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function showRows(octets: Uint8Array, filter: PairFilter, json: boolean, out: (text: string) => void): void {
  const segment = new Segment(octets, zstdCodec());
  const lines: string[] = [];
  for (const row of matchRows(segment, filter)) {
    const pair = segment.pair(row);
    lines.push(json ? JSON.stringify(pairJson(pair)) : pairLine(pair));
  }
  if (lines.length > 0) out(`${lines.join("\n")}\n`);
}

interface FilterValues {
  readonly name?: string;
  readonly below?: string;
  readonly client?: string;
  readonly type?: string;
  readonly outcome?: string;
}

function filterOf({ name, below, client, type, outcome }: FilterValues): PairFilter {
  const wire = (option: string, text: string) => parseName(text) ?? wrong(`${option}: ${text} is no name`);
  return {
    ...(name === undefined ? {} : { name: wire("--name", name) }),
    ...(below === undefined ? {} : { below: wire("--below", below) }),
    ...(client === undefined
      ? {}
      : { client: parseIpPrefix(client) ?? wrong(`--client: ${client} is no address or prefix`) }),
    ...(type === undefined ? {} : { types: [typeNumber(type) ?? wrong(`--type: ${type} is no type`)] }),
    ...(outcome === undefined ? {} : { outcomes: [outcomeOf(outcome)] }),
  };
}

function outcomeOf(text: string): AaaaOutcome {
  return (
    AAAA_OUTCOMES.find((name) => name === text) ?? wrong(`--outcome: one of ${AAAA_OUTCOMES.join(", ")}`)
  );
}

function numberOf(option: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 1 && number <= most) return number;
  throw new ConfigError(`${option}: a whole number from 1 to ${most}, not ${text}`);
}

function wrong(message: string): never {
  throw new ConfigError(message);
}
