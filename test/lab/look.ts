import { readFile } from "node:fs/promises";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import type { Status } from "../../controller/src/status/model.ts";
import { askApi } from "./api.ts";
import type { Lab } from "./lab.ts";
import { namespaceName, panelNamespace } from "./names.ts";
import { birdConfigFile } from "./programs.ts";
import { mustRun } from "./run.ts";
import { askSupervisor } from "./supervisor-client.ts";

/**
 * How a lab stands: by node (and `panel`, `programs`, `controller`), all of it that a scenario can change and that is not a
 * count or an age. Two looks at a lab that nobody touched are the same.
 */
export type Look = ReadonlyMap<string, string>;

const ANSWER_MS = 20_000;

export async function lookAt(lab: Lab): Promise<Look> {
  const nodes = lab.fabric.nodes.map(async (node): Promise<readonly [string, string]> => {
    const kernel = await kernelOf(namespaceName(lab.name, node.name), KERNEL);
    return [node.name, `${kernel}\n${await configurationOf(lab, node)}`];
  });
  const panel = kernelOf(panelNamespace(lab.name), PANEL).then((text): readonly [string, string] => [
    "panel",
    text,
  ]);
  const programs = askSupervisor(lab.name, { op: "status" }).then((states): readonly [string, string] => [
    "programs",
    states
      .map(({ node, program, state, pid, starts }) => `${node} ${program} ${state} ${pid} ${starts}`)
      .join("\n"),
  ]);
  const controller = askApi<Status>(lab.name, "/v1/status", ANSWER_MS).then(
    (status): readonly [string, string] => [
      "controller",
      JSON.stringify({
        ready: status.ready,
        why: status.why,
        planes: status.planes.map(({ revision, ...plane }) => plane),
        edges: status.edges.map(({ edge, wanted, reason }) => ({ edge, wanted, reason })),
      }),
    ],
  );
  return new Map(await Promise.all([...nodes, panel, programs, controller]));
}

/** Names of what differs, each with a first line that one has and the other has not; empty: the same. */
export function differences(one: Look, other: Look): readonly string[] {
  return [...one].flatMap(([name, text]) => {
    const also = other.get(name) ?? "";
    if (text === also) return [];
    const lines = new Set(also.split("\n"));
    const own = new Set(text.split("\n"));
    const odd =
      text.split("\n").find((line) => !lines.has(line)) ?? also.split("\n").find((line) => !own.has(line));
    return [`${name}: ${odd ?? "order"}`];
  });
}

/** Each prints a part of a namespace's state; `-s` of nft leaves counters out. */
const KERNEL: readonly (readonly string[])[] = [
  ["ip", "-6", "address", "show"],
  ["ip", "link", "show"],
  ["ip", "-6", "rule", "show"],
  ["ip", "-6", "route", "show", "table", "all"],
  ["ip", "nexthop", "show"],
  ["nft", "-s", "list", "ruleset"],
];
const PANEL: readonly (readonly string[])[] = [
  ["ip", "link", "show"],
  ["tc", "qdisc", "show"],
  ["nft", "-s", "list", "ruleset"],
];

async function kernelOf(namespace: string, commands: readonly (readonly string[])[]): Promise<string> {
  const script = commands.map((command) => command.join(" ")).join(" && ");
  const text = await mustRun("ip", ["netns", "exec", namespace, "sh", "-c", script]);
  return text.split("\n").map(lasting).sort().join("\n");
}

/** A line without what only numbers an object or counts its age. */
function lasting(line: string): string {
  return line.replace(/ expires \d+sec/, "").trim();
}

async function configurationOf(lab: Lab, node: FabricNode): Promise<string> {
  return node.software === "bird" ? readFile(birdConfigFile(lab.name, node.name), "utf8") : "";
}
