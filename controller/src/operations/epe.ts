import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { timestamp } from "../clock.ts";
import type { EpeMode } from "../core/epe/in-force.ts";
import { type EpeMemory, newMemory, saveMemory } from "../core/epe/memory.ts";
import { epeMode } from "../desired/epe-in-force.ts";
import type { InForce } from "../desired/in-force.ts";
import { eventOf } from "../epe/events.ts";
import { destinationsText, KEEP_EVENTS } from "../epe/runner.ts";
import { ControllerError } from "../errors.ts";
import { type Context, requireInForce } from "./context.ts";
import { publishedInTime } from "./published.ts";

export interface EpeModeRequest {
  readonly who: string;
  readonly mode: EpeMode;
  readonly note: string;
  /** How long to wait until routers say that they have it. */
  readonly waitMs: number;
}

/** When one node had what it was told. */
export interface NodeTook {
  readonly node: string;
  /** From the command; null when it had not said so in time. */
  readonly ms: number | null;
}

export interface EpeModeResult {
  readonly mode: EpeMode;
  readonly before: EpeMode;
  readonly destinations: number;
  /** Overrides that this took out of routers. */
  readonly removed: number;
  readonly published: boolean;
  /** Nodes whose document changed, and that are online. */
  readonly nodes: readonly NodeTook[];
  /** Changed, and not online: they have it when they return. */
  readonly offline: readonly string[];
}

/**
 * Switches egress peer engineering. `off` is the big red button: every override goes in one commit. Nothing is moved by switching it on;
 * the first decision does that. Throws ControllerError `no-epe` where the fabric has no policy, `epe-unable` where routers are too old.
 */
export async function setEpeMode(context: Context, request: EpeModeRequest): Promise<EpeModeResult> {
  const { desired, clock, epe: runner } = context;
  const { who, mode, note } = request;
  const startMs = clock.monotonicMs();
  let before: EpeMode = "off";
  let removed = 0;
  const commit = await desired.commit({ who, what: "epe-mode" }, async (tx, current) => {
    const { revision, fabric, intent, epe } = requireInForce(current);
    if (mode !== "off") requirePolicy(context, fabric, mode);
    before = await epeMode(tx);
    removed = mode === "enforce" ? 0 : (epe?.overrides.length ?? 0);
    await tx.putEpeState("mode", mode);
    if (before !== mode) {
      await tx.putEpeState("overrides", "[]");
      const nowMs = clock.monotonicMs();
      const rested = restedMemory(runner.memory, mode === "off" ? "observe" : mode);
      await tx.putEpeState(
        "memory",
        JSON.stringify({ wallMs: clock.wallMs(), memory: saveMemory(rested, nowMs) }),
      );
    }
    if (mode !== "off") await tx.putEpeState("destinations", destinationsText(runner.planFor(fabric)));
    const at = timestamp(clock.wallMs());
    await tx.addEpeEvents([eventOf(at, "", { kind: "mode", mode, who, note })], KEEP_EVENTS);
    return { revision, fabric, intent, detail: { mode, before, note, removed } };
  });
  if (before !== mode) runner.reset();
  const published = await publishedInTime(context, commit);
  const { nodes, offline } = await taken(context, commit.after, commit.changed, startMs, request.waitMs);
  return {
    mode,
    before,
    destinations: commit.after.epe?.destinations.length ?? 0,
    removed,
    published,
    nodes,
    offline,
  };
}

/** What failed is remembered; what was in force is not: switching on begins anew, under the caps. */
function restedMemory(memory: EpeMemory | undefined, mode: EpeMemory["mode"]): EpeMemory {
  const fresh = newMemory(mode);
  if (memory === undefined) return fresh;
  const rows = [...memory.rows].flatMap(([key, { changedMs, failures }]) =>
    Object.keys(failures).length === 0 ? [] : [[key, { changedMs, failures }] as const],
  );
  return { ...fresh, rows: new Map(rows), peers: memory.peers };
}

function requirePolicy(context: Context, fabric: Fabric, mode: EpeMode): void {
  if (fabric.epe === undefined)
    throw new ControllerError(
      "no-epe",
      "the fabric file has no section `epe`: it says what is measured and what counts as better; `examples/epe.yaml` has one",
    );
  if (mode !== "enforce") return;
  const old = unableNodes(context, fabric);
  if (old.length > 0)
    throw new ControllerError(
      "epe-unable",
      `these routers have not said that they can: ${old.join(", ")}; bring them online with a current agent, or \`vsixctl epe observe\` meanwhile`,
    );
}

/** Plane routers whose agent knows no part `epe`, or was never heard. */
export function unableNodes({ fleet }: Pick<Context, "fleet">, fabric: Fabric): readonly string[] {
  return fabric.nodes
    .filter(({ role, software }) => role === "plane" && software === "vsix")
    .filter(({ name }) => fleet.node(name).report?.value.abilities?.includes("epe") !== true)
    .map(({ name }) => name);
}

const LOOK_EVERY_MS = 20;

/** Waits until every node that is online says that it holds its new document and has made it so. */
async function taken(
  { fleet, clock, signal }: Context,
  after: InForce,
  changed: readonly string[],
  startMs: number,
  waitMs: number,
): Promise<Pick<EpeModeResult, "nodes" | "offline">> {
  const online = changed.filter((name) => fleet.isOnline(name, clock.monotonicMs()));
  const tookMs = new Map<string, number>();
  const look = (): void => {
    for (const name of online) {
      if (tookMs.has(name)) continue;
      const report = fleet.node(name).report;
      const wanted = after.nodes.get(name)?.generation ?? 0;
      if (report === undefined || report.atMs < startMs || report.value.generation < wanted) continue;
      if (report.value.converged) tookMs.set(name, Math.round(report.atMs - startMs));
    }
  };
  for (;;) {
    look();
    const nowMs = clock.monotonicMs();
    if (tookMs.size === online.length || nowMs - startMs >= waitMs || signal.aborted) break;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  return {
    nodes: online.map((node) => ({ node, ms: tookMs.get(node) ?? null })),
    offline: changed.filter((name) => !online.includes(name)),
  };
}
