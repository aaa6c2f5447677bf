import { machine as architecture, release } from "node:os";
import type { MachineInventory } from "@vsix/shared/contract/up-machine.ts";
import { cpu, system } from "systeminformation";
import { printable, systemName, versionIn } from "../../core/machine/parse.ts";
import { runProgram } from "../../io/run-program.ts";
import { AGENT_VERSION } from "../../version.ts";
import { textOf } from "./figures.ts";

/** Programs that an agent makes use of, and how each says its version; one that is not installed has none. */
const PROGRAMS: readonly (readonly [name: string, command: readonly string[]])[] = [
  ["gobgp", ["gobgpd", "--version"]],
  ["nftables", ["nft", "--version"]],
  ["unbound", ["unbound", "-V"]],
  ["kea", ["kea-dhcp6", "-v"]],
  // It does not say itself.
  ["tayga", ["dpkg-query", "--show", "tayga"]],
];
const PROGRAM_MS = 5_000;

/** What this machine is and what is installed on it. Starts a dozen programs, and keeps systeminformation in memory: for a process of its own. */
export async function takeInventory(signal: AbortSignal): Promise<MachineInventory> {
  const [board, processor, osRelease, debianVersion, programs] = await Promise.all([
    // Of a machine that it does not understand it throws whatever it stumbled over.
    system().catch(() => undefined),
    cpu().catch(() => undefined),
    textOf("/etc/os-release"),
    textOf("/etc/debian_version"),
    Promise.all(PROGRAMS.map(async ([name, command]) => versionOf(name, command, signal))),
  ]);
  const versions = [
    { name: "vsix-agent", version: AGENT_VERSION },
    { name: "node", version: process.versions.node },
    ...version("kernel", printable(release())),
    ...programs.flat(),
  ];
  return {
    versions,
    ...text("architecture", architecture()),
    ...text("board", `${board?.manufacturer ?? ""} ${board?.model ?? ""}`),
    ...(board === undefined ? {} : { isVirtual: board.virtual }),
    ...text("processor", `${processor?.manufacturer ?? ""} ${processor?.brand ?? ""}`),
    ...text("system", systemName(osRelease, debianVersion) ?? ""),
  };
}

type Words = "architecture" | "board" | "processor" | "system";

function text(name: Words, value: string): Pick<MachineInventory, Words> {
  const clean = printable(value);
  return clean === undefined ? {} : { [name]: clean };
}

async function versionOf(name: string, command: readonly string[], signal: AbortSignal) {
  const said = await runProgram(command, { signal, timeoutMs: PROGRAM_MS }).catch(() => "");
  return version(name, versionIn(said));
}

function version(name: string, found: string | undefined): MachineInventory["versions"] {
  return found === undefined ? [] : [{ name, version: found }];
}
