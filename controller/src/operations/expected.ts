import { createHash } from "node:crypto";
import type { Fault } from "@vsix/shared/fabric/fault.ts";
import { parseExpected } from "@vsix/shared/paths/parse.ts";
import { timestamp } from "../clock.ts";
import { diffFleet, type NodeDiff } from "../desired/compiled.ts";
import { type ExpectedInForce, expectedOptions, fitToFabric } from "../desired/expected-in-force.ts";
import { ControllerError } from "../errors.ts";
import { FabricFaultsError } from "./apply.ts";
import { type Context, requireInForce } from "./context.ts";
import { publishedInTime } from "./published.ts";

export interface ExpectedRequest {
  readonly who: string;
  readonly text: string;
  /** Name of the file, for people. */
  readonly file: string;
  readonly note: string;
  readonly dryRun: boolean;
}

/** What a node traces. */
export interface NodeTraces {
  readonly node: string;
  readonly targets: number;
  /** Flows that are begun a second, over all targets. */
  readonly flowsPerS: number;
}

export interface ExpectedResult {
  readonly dryRun: boolean;
  /** Of the file in force afterwards; 0: none. */
  readonly revision: number;
  /** False when this very text is in force already. */
  readonly stored: boolean;
  readonly entries: number;
  readonly nodes: readonly NodeTraces[];
  /** Nodes whose manifest changes. */
  readonly changed: readonly string[];
  readonly published: boolean;
}

/** The file of expected paths as it was written, and what of it does not fit the fabric any more. */
export interface ExpectedNow {
  readonly revision: number;
  readonly file: string;
  readonly text: string;
  readonly author: string;
  readonly note: string;
  readonly at: string;
  readonly unfit: readonly Fault[];
}

/** Checks a file against the fabric in force and, unless it is a dry run, has it traced and watched. Throws FabricFaultsError, `no-fabric`. */
export async function applyExpected(context: Context, request: ExpectedRequest): Promise<ExpectedResult> {
  const { text, file, dryRun, who, note } = request;
  const inForce = requireInForce(context.desired.inForce);
  const parsed = parseExpected(text, file, expectedOptions(inForce.fabric));
  if (!parsed.ok) throw new FabricFaultsError(file, parsed.faults);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const row = { text, file, sha256, author: who, note, at: timestamp(context.clock.wallMs()) };
  const planned = fitToFabric({ ...row, revision: 0 }, inForce.fabric);
  const about = { entries: parsed.expected.entries.length, nodes: tracesOf(planned) };
  if (dryRun || inForce.expected?.sha256 === sha256) {
    const { orders } = planned;
    const diff = dryRun ? diffFleet(inForce, { ...inForce, orders }) : [];
    const revision = inForce.expected?.revision ?? 0;
    return { dryRun, revision, stored: false, ...about, changed: namesOf(diff), published: !dryRun };
  }
  const commit = await context.desired.commit({ who, what: "path-apply" }, async (tx, current) => {
    const { revision, fabric, intent } = requireInForce(current);
    const stored = await tx.addExpected(row);
    return { revision, fabric, intent, detail: { expected: stored, file, note, sha256 } };
  });
  return {
    dryRun: false,
    revision: commit.after.expected?.revision ?? 0,
    stored: true,
    ...about,
    changed: [...commit.changed],
    published: await publishedInTime(context, commit),
  };
}

/** Expects nothing any more: nothing is traced or watched. Throws `no-expected`. */
export async function clearExpected(context: Context, who: string): Promise<ExpectedResult> {
  const before = requireExpected(context);
  const commit = await context.desired.commit({ who, what: "path-clear" }, async (tx, current) => {
    const { revision, fabric, intent } = requireInForce(current);
    await tx.setCounter("expected", 0);
    return { revision, fabric, intent, detail: { expected: before.revision, file: before.file } };
  });
  return {
    ...{ dryRun: false, revision: 0, stored: true, entries: 0, nodes: [] },
    changed: [...commit.changed],
    published: await publishedInTime(context, commit),
  };
}

/** Throws `no-expected`. */
export function expectedNow(context: Context): ExpectedNow {
  const { revision, file, text, author, note, at, unfit } = requireExpected(context);
  return { revision, file, text, author, note, at, unfit };
}

function requireExpected({ desired }: Context): ExpectedInForce {
  const { expected } = requireInForce(desired.inForce);
  if (expected !== undefined) return expected;
  const hint = "`vsixctl path learn` writes a first file, `vsixctl path apply FILE` puts it in force";
  throw new ControllerError("no-expected", `no paths are expected; ${hint}`);
}

function tracesOf({ orders }: ExpectedInForce): readonly NodeTraces[] {
  return [...orders].map(([node, own]) => ({
    node,
    targets: own.length,
    flowsPerS: own.reduce((sum, { flows, intervalMs }) => sum + (flows * 1000) / intervalMs, 0),
  }));
}

function namesOf(diff: readonly NodeDiff[]): readonly string[] {
  return diff.map(({ node }) => node);
}
