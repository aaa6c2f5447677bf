import { parseArgs } from "node:util";
import { takeInventory } from "./sensors/machine/inventory.ts";

/**
 * `vsix-agent machine`: what this machine is, without an agent. A running agent has it asked by a process of its own.
 * @param args behind the word "machine". @returns the exit status.
 */
export async function machineCommand(args: readonly string[], out: (text: string) => void): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: "boolean", default: false } } });
  const inventory = await takeInventory(new AbortController().signal);
  if (values.json) {
    out(`${JSON.stringify(inventory)}\n`);
    return 0;
  }
  const { board, isVirtual, architecture, processor, system, versions } = inventory;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["board", isVirtual === true ? `${board ?? ""} (virtual)`.trim() : board],
    ["architecture", architecture],
    ["processor", processor],
    ["system", system],
    ...versions.map(({ name, version }) => [name, version] as const),
  ];
  for (const [name, value] of rows) if (value !== undefined) out(`${name.padEnd(12)} ${value}\n`);
  return 0;
}
