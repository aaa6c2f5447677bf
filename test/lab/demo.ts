import { join } from "node:path";
import { parseArgs } from "node:util";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { ctl } from "./ctl.ts";
import { drawNetwork } from "./draw.ts";
import { type Lab, removeLab } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { REPOSITORY } from "./names.ts";
import { type Progress, streamProgress } from "./progress.ts";
import { createContext, type ScenarioContext } from "./scenario-context.ts";
import { checkPlanes, timeMove } from "./scenarios/moves.ts";
import { anUpstream, ownEdge, planesOf } from "./scenarios/pick.ts";
import { upLab } from "./up.ts";

/** `scripts/demo`. Exit status: 0 nothing was lost, 1 something was or a step failed, 2 wrong usage. */

const LAB = "demo";

interface Move {
  readonly from: string;
  readonly to: string;
  readonly movedMs: number | null;
  readonly outbound: string | null;
  readonly inbound: string | null;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { once: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
  });
  const [file = join(REPOSITORY, "examples/vsix.yaml"), ...more] = positionals;
  if (more.length > 0) throw new LabError("lab/usage", "demo wants at most one fabric file");
  if (process.getuid?.() !== 0)
    throw new LabError("lab/not-root", "the demo makes network namespaces, which needs root");
  const progress = streamProgress(process.stderr);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => stop.abort(new LabError("lab/stopped", `stopped by ${signal}`)));
  if (await removeLab(LAB)) progress.note("took away what an earlier demo had left");
  let good = false;
  try {
    const lab = await upLab(file, { name: LAB, progress, signal: stop.signal });
    if (!values.json) {
      console.log(`\n${drawNetwork(lab.fabric)}`);
      console.log(await ctl(lab, ["status"]));
    }
    await using context = createContext(lab, progress, stop.signal);
    const result = await moves(lab, context, progress);
    good = context.failures.length === 0;
    if (values.json) console.log(JSON.stringify({ ok: good, reasons: context.failures, ...result }));
    else show(result, context.failures);
  } finally {
    // What failed with --once is taken away as well; without it, it stays to be looked at.
    if (values.once || stop.signal.aborted) {
      progress.step("taking the network away");
      await removeLab(LAB);
    }
  }
  if (!values.once && !values.json) hints();
  return good ? 0 : 1;
}

async function moves(lab: Lab, context: ScenarioContext, progress: Progress) {
  const edge = ownEdge(lab.fabric);
  const { home, away } = planesOf(lab.fabric, edge);
  const upstream = anUpstream(lab.fabric);
  progress.step(`1000 packets/s each way between ${edge.name} and the Internet behind ${upstream.name}`);
  const flows = await context.flows(edge.name, upstream.name);
  await context.sleep(1000);
  const before = await checkPlanes(context, edge.name, home, "before the first move");
  const made: Move[] = [];
  for (const [from, to] of [
    [home, away],
    [away, home],
  ] as const) {
    progress.step(`vsixctl edge steer ${edge.name} --plane ${to}`);
    const { movedMs } = await timeMove(context, edge.name, to, () =>
      context.ctlJson("edge", "steer", edge.name, "--plane", to),
    );
    context.check(movedMs !== null, `the counters saw no move of ${edge.name} to ${to}`);
    const seen = await checkPlanes(context, edge.name, to, `after the move to ${to}`);
    made.push({ from, to, movedMs, outbound: seen.outbound, inbound: seen.inbound });
    await context.sleep(1000);
  }
  const figures = await context.account(flows);
  return {
    edge: edge.name,
    before: { outbound: before.outbound, inbound: before.inbound },
    moves: made,
    flows: figures,
  };
}

function show(result: Awaited<ReturnType<typeof moves>>, failures: readonly string[]): void {
  console.log(`\nWhat happened to ${result.edge}, as counted at the routers' ports and in the hosts`);
  console.log(`  before        out by ${result.before.outbound}, in by ${result.before.inbound}`);
  for (const { from, to, movedMs, outbound, inbound } of result.moves)
    console.log(
      `  ${`${from} to ${to}`.padEnd(14)}moved in ${movedMs ?? "?"} ms; now out by ${outbound}, in by ${inbound}`,
    );
  for (const { label, sent, lost } of result.flows)
    console.log(`  ${label.padEnd(14)}${sent} packets sent, ${lost} lost`);
  if (failures.length > 0) console.log(`\nNOT GOOD:\n${failures.map((reason) => `  ${reason}`).join("\n")}`);
}

function hints(): void {
  console.log(`
The network stays up. Things to try:
  scripts/lab ctl status                                who is on which plane, as observed
  scripts/lab ctl watch                                 the same, live
  scripts/lab ctl edge steer edge-3 --plane green       move one Edge
  scripts/lab ctl plane drain green                     empty a whole plane (undrain brings it back)
  scripts/lab ctl apply examples/vsix.yaml --dry-run    what a changed fabric file would do
  scripts/lab link blue-sfc to-blue-kote silent         break a link without telling anybody (heal ends it)
  scripts/lab kill blue-kote agent                      crash a program; it comes back, traffic goes on
  scripts/lab exec edge-1 ping 3fff:510::1              be a user
  scripts/lab scenarios                                 everything that can be proved, one line each
  scripts/lab down --name ${LAB}                             take it away`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage =
      (error instanceof LabError && error.code === "lab/usage") ||
      (error instanceof TypeError && "code" in error);
    const text =
      error instanceof VsixError || usage ? String((error as Error).message) : String((error as Error).stack);
    console.error(`demo: ${text}`);
    process.exitCode = usage ? 2 : 1;
  },
);
