import type { Report } from "@vsix/shared/contract/up.ts";
import type { Machine } from "@vsix/shared/contract/up-machine.ts";
import type { NodeStatus } from "../status/model.ts";
import { paint } from "./output.ts";
import { showMachine } from "./show-machine.ts";
import { showNodes } from "./show-status.ts";
import { formatTable } from "./table.ts";

/** What `GET /v1/nodes/NAME` says. */
export interface NodeAnswer {
  readonly node: NodeStatus;
  readonly parts: readonly { name: string; generation: number; size: number; sha256: string }[];
  readonly report: Report | null;
  readonly machine: Machine | null;
}

export function showNode({ node, parts, report, machine }: NodeAnswer): string {
  return [
    showNodes([node]),
    node.certificate === null
      ? ""
      : `certificate ${node.certificate.serial} ${node.certificate.state}, until ${node.certificate.ends}`,
    node.refused === null ? "" : `newest refused message: ${node.refused}`,
    formatTable(
      ["PART", "GENERATION", "OCTETS", "SHA-256"],
      parts.map(({ name, generation, size, sha256 }) => [name, `${generation}`, `${size}`, sha256]),
    ),
    showKernel(report),
    machine === null ? "" : showMachine(machine),
    ...node.warnings.map(({ text }) => paint("yellow", `warning: ${text}`)),
    formatTable(
      ["SESSION", "STATE", "RECEIVED", "ACCEPTED", "NOTE"],
      (report?.sessions ?? []).map((one) => [
        one.neighbour,
        one.state,
        `${one.received}`,
        `${one.accepted}`,
        one.note ?? "",
      ]),
    ),
    formatTable(
      ["OBJECT", "STATE", "SINCE", "REASON"],
      (report?.conditions ?? []).map((one) => [one.object, one.state, one.since, one.reason]),
    ),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

/** Whether the kernel is as wanted, and what two looks can be compared by. */
function showKernel(report: Report | null): string {
  const objects = Object.entries(report?.objects ?? {});
  if (objects.length === 0) return "";
  const kernel = report?.kernel;
  const digests = new Map(kernel?.kinds.map((one) => [one.kind, one]));
  const table = formatTable(
    ["KIND", "OBJECTS", "DIGEST OBSERVED", "DIGEST WANTED"],
    objects.map(([kind, count]) => {
      const { observed = "-", wanted = "-" } = digests.get(kind) ?? {};
      return [kind, `${count}`, observed === wanted ? observed : paint("red", observed), wanted];
    }),
  );
  if (kernel === undefined) return table;
  const { observed, wanted, since } = kernel;
  const state = observed === wanted ? paint("green", "as wanted") : paint("red", "not as wanted");
  return `kernel ${observed ?? "cannot be looked at"}: ${state} (${wanted}), unchanged since ${since}\n${table}`;
}
