import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ExpectedPaths } from "@vsix/shared/paths/expected.ts";
import { DEFAULT_FLOWS, DEFAULT_INTERVAL_S, DEFAULT_PROTOCOL } from "@vsix/shared/paths/schema.ts";
import { levelOf } from "@vsix/shared/paths/verdict.ts";
import { isGood } from "@vsix/shared/paths/watch-state.ts";
import { ConfigError } from "./config.ts";
import { askAgent, ControlSocket } from "./io/control-socket.ts";
import { keepFewPages } from "./io/resident-pages.ts";
import type { TraceOrder } from "./sensors/trace.ts";
import { Tracer } from "./sensors/tracer.ts";
import { readWatchArguments, type WatchArguments } from "./watch/arguments.ts";
import { learnHere } from "./watch/learn.ts";
import { painted, plain, tableLines, verdictLine } from "./watch/lines.ts";
import { lookAtAll } from "./watch/looks.ts";
import { orderHandler, type WatchList, type WatchOrder } from "./watch/orders.ts";
import { testReceivers } from "./watch/receivers.ts";
import { jsonVoice, plainVoice, type Screen, type WatchVoice } from "./watch/voice.ts";
import { readExpected, readNotify, readPathsHere } from "./watch/watch-files.ts";
import { WatchMemory } from "./watch/watch-memory.ts";
import { orderOf, Watcher, type WatcherOptions } from "./watch/watcher.ts";

/** Exit status when a path is not as expected, or a notice did not arrive. */
const NOT_WELL = 4;
/** Probes a second of all paths together, as an agent of ours has them (controller/src/core/compile-traces.ts). */
const RATE_PER_S = 500;
/** A test, or what --once has to tell, is given so long. */
const ARRIVE_MS = 15_000;

export interface WatchIo {
  readonly out: (text: string) => void;
  /** Where somebody looks at a terminal. */
  readonly screen: Screen | undefined;
  /** Told each signal that asks to stop (true) or to read the files again (false). */
  readonly signals: (listener: (signal: string) => void) => void;
}

/** Taken together, for everything that traces or tells. */
const MACHINE = {
  newId: randomUUID,
  random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  wallMs: Date.now,
  nowMs: () => performance.now(),
} as const;

/**
 * `vsix-agent watch`: the path watch alone, without an agent or a controller.
 * @param args behind the word "watch".
 * @returns the exit status.
 * @throws ConfigError for wrong usage and bad files, TraceError, ControlError.
 */
export async function watchCommand(args: readonly string[], io: WatchIo): Promise<number> {
  const wanted = readWatchArguments(args);
  switch (wanted.mode) {
    case "run":
      return run(wanted, io);
    case "once":
      return once(wanted, io);
    case "test":
      return testAlarm(wanted, io);
    case "learn":
      return learn(wanted, io);
    case "order":
      return order(wanted, io);
  }
}

async function run(wanted: WatchArguments, io: WatchIo): Promise<number> {
  const voice = voiceOf(wanted, io);
  const read = (): Files => readFiles(wanted);
  const { paths, receivers } = read();
  const memory = wanted.state === undefined ? undefined : new WatchMemory(wanted.state);
  const ended = Promise.withResolvers<string>();
  const again: { read?: () => void } = {};
  io.signals((signal) => (signal === "SIGHUP" ? again.read?.() : ended.resolve(signal)));
  await using tracer = openTracer(wanted);
  const options: WatcherOptions = { ...watcherOptions(wanted, paths, tracer, voice), receivers };
  await using watcher = await Watcher.open(memory === undefined ? options : { ...options, memory });
  await using _control = await listen(wanted, watcher);
  sayStarted(
    wanted,
    paths,
    receivers.map(({ name }) => name),
    voice,
  );
  await watcher.begin(paths.entries);
  again.read = () => void readAgain(read, watcher, voice);
  using _few = keepFewPages();
  voice.ended(await ended.promise);
  return 0;
}

interface Files {
  readonly paths: ExpectedPaths;
  readonly receivers: ReturnType<typeof readNotify>;
}

function readFiles({ expected, notify, source, intervalMs }: WatchArguments): Files {
  const every = intervalMs === undefined ? {} : { intervalMs };
  const file = needed("--expected FILE", expected);
  return {
    paths: readPathsHere({ file, source, ratePerS: RATE_PER_S, ...every }),
    receivers: readNotify(notify),
  };
}

/** What is wrong with a changed file is said, and changes nothing. */
async function readAgain(read: () => Files, watcher: Watcher, voice: WatchVoice): Promise<void> {
  try {
    const { paths, receivers } = read();
    await watcher.setReceivers(receivers);
    watcher.setPaths(paths);
    await watcher.begin(paths.entries);
    voice.reread(paths.entries.length);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    for (const line of error.message.split("\n")) voice.fault(line);
  }
}

async function once(wanted: WatchArguments, io: WatchIo): Promise<number> {
  const { source, state, json, from, notify } = wanted;
  if (notify !== undefined && state === undefined)
    throw new ConfigError("--once with --notify wants --state: two looks must agree before anybody is told");
  const { paths, receivers } = readFiles(wanted);
  const memory = state === undefined ? undefined : new WatchMemory(state);
  await using tracer = openTracer(wanted);
  const silent = receivers.map(({ heartbeatMs: _, ...receiver }) => receiver);
  const voice = voiceOf({ json }, { ...io, screen: undefined });
  const options: WatcherOptions = { ...watcherOptions(wanted, paths, tracer, voice), receivers: silent };
  await using watcher = await Watcher.open(memory === undefined ? options : { ...options, memory });
  await using _control = await listen(wanted, watcher);
  const orders = paths.entries.map((entry) => orderOf(entry, from));
  const { wallMs } = MACHINE;
  let good = true;
  await lookAtAll(orders, {
    tracer,
    source,
    wallMs,
    signal: stopSignal(io),
    onTrace: (trace) => {
      const accepted = watcher.accept(trace);
      if (accepted.kind !== "judged") return;
      const { verdict } = accepted;
      good &&= isGood(levelOf(verdict.kind));
      if (json) io.out(`${JSON.stringify({ version: 1, kind: "look", at: wallMs(), verdict, trace })}\n`);
      else io.out(`${verdictLine(source, trace.target, verdict, levelOf(verdict.kind), painted)}\n`);
    },
  });
  await watcher.told(ARRIVE_MS);
  if (watcher.waiting > 0) voice.fault("not every notice has arrived; the next run tries again");
  return good ? 0 : NOT_WELL;
}

async function testAlarm({ notify, source, by, json }: WatchArguments, { out }: WatchIo): Promise<number> {
  const receivers = readNotify(needed("--notify FILE", notify));
  const { newId, random, wallMs } = MACHINE;
  const results = await testReceivers(receivers, by, ARRIVE_MS, { from: source, newId, random, wallMs });
  if (json) out(`${JSON.stringify({ version: 1, results }, null, 2)}\n`);
  else
    for (const { name, outcome, code } of results)
      out(`${name}: ${outcome === "arrived" ? "arrived" : `${outcome.replace("-", " ")} (${code})`}\n`);
  return results.every(({ outcome }) => outcome === "arrived") ? 0 : NOT_WELL;
}

async function learn(wanted: WatchArguments, io: WatchIo): Promise<number> {
  const { expected, source, targets, flows, protocol, from } = wanted;
  if (targets.length === 0 && expected === undefined)
    throw new ConfigError(
      "--learn wants --target NAME=ADDRESS, once for each, or --expected FILE to learn anew",
    );
  const known = expected === undefined ? undefined : readExpected(expected);
  const own =
    targets.length > 0 || expected === undefined
      ? []
      : readPathsHere({ file: expected, source, ratePerS: RATE_PER_S }).entries;
  const asked = [...targets.map(({ name, address }) => ({ target: name, targetAddress: address })), ...own];
  const orders = asked.map((entry): TraceOrder => {
    const usual = {
      protocol: DEFAULT_PROTOCOL,
      flows: DEFAULT_FLOWS,
      intervalMs: DEFAULT_INTERVAL_S * 1000,
    } as const;
    const { target, targetAddress } = entry;
    const { protocol: by, flows: many } = { ...usual, ...entry };
    return {
      ...usual,
      target,
      targetAddress,
      protocol: protocol ?? by,
      flows: flows ?? many,
      ...(from === undefined ? {} : { sourceAddress: from }),
    };
  });
  await using tracer = openTracer(wanted);
  const how = { tracer, source, wallMs: MACHINE.wallMs, signal: stopSignal(io) };
  const { text, missed } = await learnHere(orders, known, how);
  io.out(text);
  return missed === 0 ? 0 : NOT_WELL;
}

async function order(wanted: WatchArguments, io: WatchIo): Promise<number> {
  const socket = socketIn(needed("--state DIR", wanted.state));
  const asked = orderFrom(wanted);
  const reply = await askAgent(socket, JSON.stringify(asked));
  if (asked.do !== "list") return 0;
  const list = reply as WatchList;
  if (wanted.json) io.out(`${JSON.stringify({ version: 1, ...list }, null, 2)}\n`);
  else
    for (const line of tableLines(list.paths, Date.now(), Number.MAX_SAFE_INTEGER, 400, painted))
      io.out(`${line}\n`);
  return list.paths.every(({ state }) => state.current === undefined || isGood(state.current.level))
    ? 0
    : NOT_WELL;
}

function orderFrom({ order: [what, target, ...rest], by, note, forMs }: WatchArguments): WatchOrder {
  if (rest.length === 0) {
    if (what === "list" && target === undefined) return { do: "list" };
    if (what === "ack" && target !== undefined) return { do: "ack", target, by, note };
    if (what === "unsilence" && target !== undefined) return { do: "unsilence", target };
    if (what === "silence" && target !== undefined) {
      if (forMs === undefined) throw new ConfigError("silence wants --for 2h, or how long it shall last");
      return { do: "silence", target, forMs, by, note };
    }
  }
  throw new ConfigError("watch knows list, ack TARGET, silence TARGET --for TIME and unsilence TARGET");
}

function watcherOptions(
  { source, from }: WatchArguments,
  paths: ExpectedPaths,
  tracer: Tracer,
  voice: WatchVoice,
): Omit<WatcherOptions, "receivers" | "memory"> {
  const sourceAddress = from === undefined ? {} : { sourceAddress: from };
  return { source, paths, tracer, voice, ...sourceAddress, ...MACHINE };
}

function openTracer({ source }: WatchArguments): Tracer {
  const { random, wallMs } = MACHINE;
  return Tracer.open({
    source,
    ratePerS: RATE_PER_S,
    nowUs: () => performance.now() * 1000,
    wallMs,
    random,
  });
}

/** One watch at a time goes by a state directory. */
async function listen({ state, source }: WatchArguments, watcher: Watcher): Promise<AsyncDisposable> {
  if (state === undefined) return { [Symbol.asyncDispose]: async () => {} };
  const { wallMs } = MACHINE;
  const handler = orderHandler({ watch: watcher.watch, source, wallMs, changed: () => watcher.changed() });
  return ControlSocket.listen(socketIn(state), handler);
}

function socketIn(directory: string): string {
  return join(directory, "watch.sock");
}

function voiceOf({ json }: Pick<WatchArguments, "json">, { out, screen }: WatchIo): WatchVoice {
  if (json) return jsonVoice(out, MACHINE.wallMs);
  return plainVoice(out, MACHINE.wallMs, screen === undefined ? plain : painted, screen);
}

function sayStarted(
  { source, expected = "", state }: WatchArguments,
  { entries }: ExpectedPaths,
  receivers: readonly string[],
  voice: WatchVoice,
): void {
  const intervals = entries.map(({ intervalMs }) => intervalMs / 1000);
  const everyS = [Math.min(...intervals), Math.max(...intervals)] as const;
  voice.started({ source, expected, paths: entries.length, everyS, receivers, state });
}

function stopSignal(io: WatchIo): AbortSignal {
  const stop = new AbortController();
  io.signals((signal) => stop.abort(new ConfigError(`broken off by ${signal}`)));
  return stop.signal;
}

function needed(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new ConfigError(`watch wants ${option}; vsix-agent --help shows how`);
}
