import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PathEventsAnswer, PathsAnswer } from "@vsix/controller/http/routes-watch.ts";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { heartbeatMissing, type Notice, type PathNotice } from "@vsix/shared/notify/notice.ts";
import { healCable, killProgram, pullCable, startProgram, stopProgram } from "../faults.ts";
import { HookReceiver } from "../hook-receiver.ts";
import { controllerNode } from "../programs.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { cableCounts, counted, countOnCables } from "./cable-witness.ts";
import { anUpstream, ownEdge, planesOf } from "./pick.ts";
import { json, PORT, SECRET, slack, tellReceivers } from "./receivers.ts";

const FLOWS = 4;
/** As the tracer has it (agent/src/core/trace/task.ts). */
const PROBES = 3;
const INTERVAL_S = 4;
/** Probes of one look follow each other within this. */
const LOOK_OVER_MS = 500;
/** Long enough for two cycles, BGP, and a machine that is busy elsewhere. */
const PATIENCE_MS = 60_000;

interface Stage {
  readonly edge: FabricNode;
  readonly target: FabricNode;
  readonly home: string;
  readonly away: string;
}

/** Receivers beside the controller, expected paths of one Edge by the plane it is on, and the watch of them at rest. */
async function prepare(context: ScenarioContext, receivers: readonly string[]): Promise<Stage> {
  const { lab } = context;
  const edge = ownEdge(lab.fabric);
  const target = anUpstream(lab.fabric);
  const stage = { edge, target, ...planesOf(lab.fabric, edge) };
  await tellReceivers(context, receivers);
  const expected = join(lab.stateDir, "expected.yaml");
  const path = `[plane: ${stage.home}, ...]`;
  await writeFile(
    expected,
    [
      "version: 1",
      `defaults: { flows: ${FLOWS}, intervalS: ${INTERVAL_S} }`,
      "paths:",
      `  - source: ${edge.name}`,
      `    target: { name: ${target.name}, address: "${target.loopback}" }`,
      `    allowed: [${JSON.stringify(path).slice(1, -1)}]`,
    ].join("\n"),
  );
  await context.ctl("path", "apply", expected);
  const first = adjacenciesOf(lab.fabric, edge.name).map(({ self }) => self);
  const probe = ["ip6", "saddr", edge.loopback, "ip6", "daddr", target.loopback, "ip6", "hoplimit", "2"];
  // Hop limit 1 is what plane probes use as well.
  await countOnCables(lab, "second-hop", first, probe);
  context.step(`${edge.name} to ${target.name} is seen to go by ${stage.home}`);
  await until(context, async () => (await seen(context, stage))?.current?.kind === "as-expected");
  return stage;
}

async function seen(context: ScenarioContext, { edge, target }: Stage) {
  const { paths } = await context.ask<PathsAnswer>("/v1/paths");
  return paths.find((path) => path.source === edge.name && path.target === target.name);
}

/** Waits for the end of a look: what is done then has its time until the next, which sees it whole. */
async function lookOver({ lab, sleep, signal }: ScenarioContext): Promise<void> {
  const probes = async (): Promise<number> => (await cableCounts(lab))["second-hop"] ?? 0;
  const first = await probes();
  for (let before = first; !signal.aborted; ) {
    await sleep(LOOK_OVER_MS);
    const now = await probes();
    if (now > first && now === before) return;
    before = now;
  }
}

async function until(context: ScenarioContext, holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; ) {
    if (await holds()) return;
    await context.sleep(100);
  }
  context.check(false, "what was waited for has not happened");
}

const pathsOf = (notices: readonly Notice[]): readonly PathNotice[] =>
  notices.filter((notice) => notice.kind === "path");

/** A path that leaves its plane is told within two cycles, with what was before, what is now and who it likely was. */
async function changed(context: ScenarioContext): Promise<Figures> {
  const { lab, signal } = context;
  await using hook = await HookReceiver.start(lab, PORT);
  const stage = await prepare(context, [json("noc"), slack("chat")]);
  const { edge, target, home, away } = stage;
  const told = (): readonly PathNotice[] => pathsOf(hook.taken("/noc", SECRET));
  context.check(told().length === 0, "somebody was told although all is well");
  const timesMs: Record<string, number> = {};
  const traces: Record<string, number> = {};

  const tell = async (what: string, act: () => Promise<unknown>): Promise<PathNotice | undefined> => {
    context.step(what);
    const [before, had] = [await cableCounts(lab), told().length];
    const started = Date.now();
    await act();
    await hook.until(() => told().length > had, PATIENCE_MS, signal);
    const [notice, ...more] = told().slice(had);
    const probes = counted(before, await cableCounts(lab))["second-hop"] ?? 0;
    traces[what] = probes / (FLOWS * PROBES);
    const request = hook.requests.find(({ body }) => notice !== undefined && body.includes(notice.id));
    timesMs[what] = (request?.at ?? Number.NaN) - started;
    context.check(notice !== undefined && more.length === 0, `${what}: ${more.length + 1} notices, not one`);
    // One may have been under way, and the next is half made while the notice travels.
    context.check((traces[what] ?? 0) <= 4, `${what}: told after ${traces[what]} traces, not after two`);
    return notice;
  };

  const steered = await tell("steered to the other plane", () =>
    context.ctl("edge", "steer", edge.name, "--plane", away),
  );
  checkNotice(context, steered, { type: "changed", kind: "plane-changed", from: home, to: away });
  context.check(
    steered?.event.likely?.what === "steer" && steered.event.likely.concerns.includes(edge.name),
    `the likely cause is not the steering: ${JSON.stringify(steered?.event.likely)}`,
  );
  const back = await tell("steered back", () => context.ctl("edge", "steer", edge.name, "--plane", home));
  checkNotice(context, back, { type: "recovered", kind: "as-expected", from: away, to: home });
  const port = adjacenciesOf(lab.fabric, edge.name).find(({ peer }) => peer.plane === home)?.self;
  if (port === undefined) throw new Error(`${edge.name} has no link to ${home}`);
  // Amid a look there would be a moment without any way, and that may be what is told first.
  await lookOver(context);
  const pulled = await tell("the cable to its plane is pulled", () => pullCable(lab, port));
  checkNotice(context, pulled, { type: "changed", kind: "plane-changed", from: home, to: away });
  // A fourth change within minutes would be told as flapping: path-flap.
  await healCable(lab, port);

  await hook.until(() => hook.requests.filter(({ path }) => path === "/chat").length >= 3, 10_000, signal);
  const chat = hook.requests.filter(({ path, mode }) => path === "/chat" && mode === "take");
  const texts = chat.map(({ body }) => (JSON.parse(body) as { readonly text: string }).text);
  context.check(texts.length === 3, `${texts.length} messages in the chat, not three`);
  context.check(
    texts[0]?.includes(`plane: ${home} -> ${away}`) === true && texts[0].includes("before:"),
    `the chat does not say what was before: ${texts[0]}`,
  );
  const { events } = (await context.ctlJson("path", "events")) as PathEventsAnswer;
  const kinds = events
    .toReversed()
    .map(({ kind }) => kind)
    .slice(0, 4);
  context.check(
    JSON.stringify(kinds) === JSON.stringify(["first", "changed", "recovered", "changed"]),
    `the log says ${kinds.join(", ")}`,
  );
  await context.converge();
  return { flows: [], timesMs, other: { edge: edge.name, target: target.name, traces, chat: texts[0] } };
}

function checkNotice(
  { check }: ScenarioContext,
  notice: PathNotice | undefined,
  wanted: { readonly type: string; readonly kind: string; readonly from: string; readonly to: string },
): void {
  if (notice === undefined) return;
  const { type, before, after } = notice.event;
  const planes = before?.planes ?? [];
  // What was last seen of a bad path may have been amid the way back: some flows by either plane.
  const amid = type === "recovered" && planes.includes(wanted.from) && planes.includes(wanted.to);
  const is = { type, kind: after.kind, from: amid ? wanted.from : planes.join(), to: after.planes.join() };
  check(
    JSON.stringify(is) === JSON.stringify(wanted),
    `told ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`,
  );
  check(
    before?.trace !== undefined && after.trace !== undefined,
    "the notice does not hold the traces of before and after",
  );
}

/**
 * One receiver refuses, then hangs, while a path changes and the controller is killed: the other is told meanwhile, and the
 * first hears everything afterwards, in order and once. When the controller stays away, heartbeats are missed.
 */
async function webhookDown(context: ScenarioContext): Promise<Figures> {
  const { lab, signal } = context;
  await using down = await HookReceiver.start(lab, PORT);
  await using well = await HookReceiver.start(lab, PORT + 1);
  const other = json("well", ["heartbeatS: 2"], PORT + 1);
  const { edge, home, away } = await prepare(context, [json("down"), other]);
  const told = (hook: HookReceiver, name: string) => pathsOf(hook.taken(name, SECRET));
  const heard = (count: number): Promise<boolean> =>
    well.until(() => told(well, "/well").length >= count, PATIENCE_MS, signal);

  context.step("one receiver refuses, and the path changes");
  down.answer("refuse");
  await context.ctl("edge", "steer", edge.name, "--plane", away);
  context.check(await heard(1), "the other receiver was not told");
  context.check(
    await down.until(() => down.requests.some(({ mode }) => mode === "refuse"), 10_000, signal),
    "nobody tried the one that refuses",
  );
  context.step("it hangs instead, and the controller is killed");
  down.answer("hang");
  await killProgram(lab, controllerNode(lab.fabric).name, "controller");
  await context.converge();
  await context.ctl("edge", "steer", edge.name, "--plane", home);
  context.check(await heard(2), "the other receiver was not told of the recovery");
  const duringMs = Date.now();
  context.step("it takes notices again");
  down.answer("take");
  await down.until(() => told(down, "/down").length >= 2, PATIENCE_MS, signal);
  await context.sleep(2000);
  const types = told(down, "/down").map(({ event }) => event.type);
  context.check(types.join() === "changed,recovered", `it was told ${types.join() || "nothing"}`);
  for (const [name, hook] of [
    ["/down", down],
    ["/well", well],
  ] as const) {
    const ids = told(hook, name).map(({ id }) => id);
    context.check(new Set(ids).size === ids.length, `${name} got a notice twice`);
  }
  context.check(
    told(well, "/well").every(({ id }, i) => id === told(down, "/down")[i]?.id),
    "the two were told different things",
  );
  const arrival = await context.ctlJson("notify", "test", "down");
  context.check(
    down.taken("/down", SECRET).some(({ kind }) => kind === "test"),
    `a test did not arrive: ${JSON.stringify(arrival)}`,
  );

  context.step("the controller goes away: its heartbeats do too");
  const beats = () => well.taken("/well", SECRET).filter(({ kind }) => kind === "heartbeat");
  const lastBeat = (): number =>
    well.requests.findLast(({ body }) => body.includes('"heartbeat"'))?.at ?? Number.NaN;
  context.check(await well.until(() => beats().length >= 2, 20_000, signal), "there were no heartbeats");
  context.check(
    !heartbeatMissing(2, lastBeat(), Date.now()),
    "a heartbeat is missed with the controller alive",
  );
  await stopProgram(lab, controllerNode(lab.fabric).name, "controller");
  context.check(
    await well.until(() => heartbeatMissing(2, lastBeat(), Date.now()), 20_000, signal),
    "nobody would have missed the controller",
  );
  await startProgram(lab, controllerNode(lab.fabric).name, "controller");
  await context.converge();
  return {
    flows: [],
    timesMs: { late: Math.max(...down.requests.map(({ at }) => at)) - duringMs },
    other: {
      refused: down.requests.filter(({ mode }) => mode === "refuse").length,
      hung: down.requests.filter(({ mode }) => mode === "hang").length,
      told: types,
      heartbeats: beats().length,
    },
  };
}

/** A path that changes all the time is told a few times, then that it flaps. */
async function flapping(context: ScenarioContext): Promise<Figures> {
  const { lab, signal } = context;
  await using hook = await HookReceiver.start(lab, PORT);
  const stage = await prepare(context, [json("noc")]);
  const { edge, home, away } = stage;
  let changes = 0;
  for (; changes < 8; changes++) {
    const plane = changes % 2 === 0 ? away : home;
    context.step(`change ${changes + 1} of 8: to ${plane}`);
    await context.ctl("edge", "steer", edge.name, "--plane", plane);
    await until(context, async () => (await seen(context, stage))?.current?.planes.join() === plane);
  }
  await hook.until(() => false, 1000, signal);
  const types = pathsOf(hook.taken("/noc", SECRET)).map(({ event }) => event.type);
  const { events } = (await context.ctlJson("path", "events")) as PathEventsAnswer;
  const damped = events.filter(({ withheld }) => withheld === "damped").length;
  context.check(types.length < changes && types.at(-1) === "flapping", `told: ${types.join(", ")}`);
  context.check(damped >= 3, `only ${damped} of ${events.length} events were damped`);
  return { flows: [], other: { changes, told: types, logged: events.length, damped } };
}

const FABRIC = "examples/quick.yaml";

export const PATH_WATCH_SCENARIOS: readonly Scenario[] = [
  {
    name: "path-changed",
    summary:
      "a path leaves its plane, by an operator and by a cable: told within two cycles, with before, after and cause",
    fabric: FABRIC,
    run: changed,
  },
  {
    name: "path-webhook-down",
    summary:
      "a receiver refuses and hangs and the controller is killed: nothing is lost, told twice or out of order",
    fabric: FABRIC,
    run: webhookDown,
  },
  {
    name: "path-flap",
    summary: "a path that changes all the time is told a few times, then that it flaps",
    fabric: FABRIC,
    run: flapping,
  },
];
