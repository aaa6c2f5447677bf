import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TracesAnswer } from "@vsix/controller/http/schemas-path.ts";
import type { Fabric, FabricLink } from "@vsix/shared/fabric/model.ts";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { anUpstream, ownEdge } from "./pick.ts";
import { checkAll, follow, prepare, SHORT, type Stage } from "./rollout.ts";
import { caught, type PlaneFault } from "./rollout-faults.ts";

interface Evidence {
  readonly events: readonly {
    readonly kind: string;
    readonly body: {
      readonly moved?: readonly string[];
      readonly verdict?: string;
      readonly detail?: {
        readonly metrics: readonly {
          readonly metric: string;
          readonly result: string;
          readonly subjects: readonly {
            readonly subject: string;
            readonly result: string;
            readonly arithmetic: { readonly looks: readonly { readonly kind: string }[] } | null;
          }[];
        }[];
      };
    };
  }[];
}

/** The way from an Edge out, by one plane: the router that it is attached to, and the one at the border. */
interface Way {
  readonly near: string;
  readonly border: string;
  readonly externalEdge: string;
}

export function wayOut(fabric: Fabric, edge: string, plane: string): Way {
  const routers = new Set(fabric.nodes.filter((node) => node.plane === plane).map(({ name }) => name));
  const joined = (kind: FabricLink["kind"], to: (name: string) => boolean): [string, string] | undefined => {
    for (const { kind: own, ends } of fabric.links) {
      const [one, other] = [ends[0].node, ends[1].node];
      if (own !== kind) continue;
      if (routers.has(one) && to(other)) return [one, other];
      if (routers.has(other) && to(one)) return [other, one];
    }
    return undefined;
  };
  const near = joined("plane-edge", (name) => name === edge);
  const border = joined("plane-external", () => true);
  if (near === undefined || border === undefined)
    throw new LabError("lab/scenario", `${edge} has no way out by ${plane}`);
  return { near: near[0], border: border[0], externalEdge: border[1] };
}

/** A router of the plane through which one can go round, and the port towards it. */
export function detour(
  { links }: Fabric,
  { near, border }: Way,
): { readonly via: string; readonly device: string } {
  const inside = links.filter(({ kind }) => kind === "plane-internal");
  const end = (one: string, other: string) =>
    inside.find(
      ({ ends }) => ends.some(({ node }) => node === one) && ends.some(({ node }) => node === other),
    )?.ends;
  for (const { node } of inside.flatMap(({ ends }) => ends)) {
    const first = end(near, node);
    if (node === near || node === border || first === undefined || end(node, border) === undefined) continue;
    const via = first.find((one) => one.node === node)?.address;
    const device = first.find((one) => one.node === near)?.interface;
    if (via !== undefined && device !== undefined) return { via, device };
  }
  throw new LabError("lab/scenario", `there is only one way from ${near} to ${border}`);
}

/** Straight through its plane, for an Edge by either plane and, if asked for, for both planes' routers. */
async function expectStraight(
  context: ScenarioContext,
  { home, away }: Stage,
  { ofRouters }: { readonly ofRouters: boolean },
): Promise<void> {
  const { lab } = context;
  const [edge, target] = [ownEdge(lab.fabric).name, anUpstream(lab.fabric)];
  const ways = [home, away].map((plane) => wayOut(lab.fabric, edge, plane));
  const entry = (source: string, allowed: readonly string[]): string =>
    `  - { source: ${source}, target: { name: ${target.name}, address: "${target.loopback}" }, allowed: [${allowed.join(", ")}] }`;
  const expected = join(lab.stateDir, "straight.yaml");
  await writeFile(
    expected,
    [
      "version: 1",
      "defaults: { flows: 2, intervalS: 4 }",
      "paths:",
      entry(
        edge,
        ways.map(({ near, border, externalEdge }) => `[${near}, ${border}, ${externalEdge}, ...]`),
      ),
      ...(ofRouters ? ways : []).map(({ near, border, externalEdge }) =>
        entry(near, [`[${border}, ${externalEdge}, ...]`]),
      ),
    ].join("\n"),
  );
  context.step(`straight paths are expected of one Edge${ofRouters ? " and of the planes' routers" : ""}`);
  await context.ctl("path", "apply", expected);
  for (const end = performance.now() + 60_000; performance.now() < end; await context.sleep(200)) {
    const { missing } = await context.ask<TracesAnswer>("/v1/paths/traces");
    if (missing.length === 0) return;
  }
  context.check(false, "not every path was traced");
}

/** Everything arrives, and takes no longer: but it goes round inside the new plane. */
const wrongPath: PlaneFault = {
  named: /expected-path/,
  harms: false,
  prepare: (context, stage) => expectStraight(context, stage, { ofRouters: true }),
  strike: goRound,
};

async function goRound(context: ScenarioContext, { away }: Stage): Promise<void> {
  const { lab } = context;
  const way = wayOut(lab.fabric, ownEdge(lab.fabric).name, away);
  const { via, device } = detour(lab.fabric, way);
  const [prefix] = anUpstream(lab.fabric).prefixes;
  if (prefix === undefined) throw new LabError("lab/scenario", "the upstream announces nothing");
  const route = ["-6", "route", "add", prefix, "via", via, "dev", device, "metric", "1"];
  await mustRun("ip", ["-n", namespaceName(lab.name, way.near), ...route]);
}

/** The verdict that ended it is in the evidence with the traces that it was taken from. */
async function run(context: ScenarioContext): Promise<Figures> {
  const figures = await caught(context, wrongPath, "led");
  const { events } = (await context.ctlJson("rollout", "show", "--evidence")) as Evidence;
  const failed = events.findLast(({ kind, body }) => kind === "verdict" && body.verdict === "fail")?.body
    .detail;
  const wrong = failed?.metrics.find(({ metric }) => metric === "expected-path");
  const subjects = wrong?.subjects.filter(({ result }) => result === "fail") ?? [];
  context.check(subjects.length > 0, "the evidence does not say which path was wrong");
  for (const { subject, arithmetic } of subjects) {
    const kinds = arithmetic?.looks.map(({ kind }) => kind) ?? [];
    context.check(
      kinds.slice(-2).join() === "path-changed,path-changed",
      `the evidence of ${subject} has ${kinds.join()}`,
    );
  }
  const others = failed?.metrics.filter(
    ({ metric, result }) => metric !== "expected-path" && result === "fail",
  );
  context.check(
    others?.length === 0,
    `something else failed too: ${others?.map(({ metric }) => metric).join()}`,
  );
  return { ...figures, other: { ...figures.other, wrong: subjects.map(({ subject }) => subject) } };
}

/** It is wrong from the start, and only users' paths are expected: whoever moves first shows it, and nobody else moves. */
async function runEarly(context: ScenarioContext): Promise<Figures> {
  const stage = await prepare(context);
  const { name: canary } = ownEdge(context.lab.fabric);
  await expectStraight(context, stage, { ofRouters: false });
  await goRound(context, stage);
  const steps = ["--steps", "1,50%,100%", "--canary", canary];
  await context.ctlJson("rollout", "create", "--to", stage.away, ...steps, ...SHORT);
  const ended = await follow(context, () => false);
  context.check(ended.stage === "aborted", `the rollout ended as ${ended.stage}: ${ended.why}`);
  context.check(
    ended.why.includes(`expected-path of ${canary} to `),
    `the reason does not name the path: ${ended.why}`,
  );
  const { events } = (await context.ctlJson("rollout", "show", "--evidence")) as Evidence;
  const moved = new Set(events.flatMap(({ body }) => body.moved ?? []));
  context.check(
    [...moved].join() === canary,
    `${[...moved].join(", ") || "nobody"} moved, not ${canary} alone`,
  );
  await checkAll(context, stage, stage.home, "after going back");
  return { flows: await context.account(stage.flows), timesMs: {}, other: { why: ended.why } };
}

export const ROLLOUT_PATH_SCENARIOS: readonly Scenario[] = [
  {
    name: "rollout-wrong-path",
    summary:
      "traffic goes round inside the plane that Edges move to, with nothing lost or late: the paths tell, all are led back",
    fabric: "test/lab/fixtures/triangles.yaml",
    run,
  },
  {
    name: "rollout-wrong-path-early",
    long: true,
    summary: "the same from the start, seen on the canary's own path alone: nobody else ever moves",
    fabric: "test/lab/fixtures/triangles.yaml",
    run: runEarly,
  },
];
