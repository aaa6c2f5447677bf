import { attachLab } from "./lab.ts";
import { labNamespaces } from "./namespaces.ts";
import type { ProgramState } from "./supervised.ts";
import { askSupervisor } from "./supervisor-client.ts";

/** What of a lab is there, whether or not it is whole. */
export interface LabStatus {
  readonly name: string;
  /** Null when its state is gone or was never written (a crash while it came up). */
  readonly fabric: string | null;
  readonly file: string | null;
  readonly namespaces: number;
  /** Null when its supervisor does not answer. */
  readonly programs: readonly ProgramState[] | null;
  readonly nodes: readonly { readonly name: string; readonly role: string; readonly software: string }[];
}

export async function statusOf(name: string): Promise<LabStatus> {
  const lab = await attachLab(name).catch(() => undefined);
  const programs = await askSupervisor(name, { op: "status" }).catch(() => null);
  return {
    name,
    fabric: lab?.fabric.name ?? null,
    file: lab?.file ?? null,
    namespaces: (await labNamespaces(name)).length,
    programs,
    nodes: lab?.fabric.nodes.map(({ name: node, role, software }) => ({ name: node, role, software })) ?? [],
  };
}

export function statusText(status: LabStatus): string {
  if (status.fabric === null)
    return `lab ${status.name}: broken (${status.namespaces} namespaces left); \`scripts/lab down --name ${status.name}\``;
  const head = `lab ${status.name}: ${status.file}, ${status.nodes.length} nodes`;
  const note =
    status.programs === null ? "\n  its supervisor does not answer: no program is looked after" : "";
  const rows = status.nodes.map((node) => {
    const programs = (status.programs ?? []).filter((program) => program.node === node.name);
    return `  ${node.name.padEnd(14)} ${node.role.padEnd(14)} ${programs.map(programText).join("  ")}`;
  });
  const cable = (status.programs ?? []).filter((program) => program.program === "cable");
  return [head + note, ...rows, ...cable.map((p) => `  cables: ${programText(p)}`)].join("\n");
}

function programText(program: ProgramState): string {
  const deaths = program.deaths === 0 ? "" : `, died ${program.deaths}× (${program.lastEnd})`;
  const state = program.state === "running" ? `pid ${program.pid}` : program.state;
  return `${program.program} (${state}${deaths})`;
}
