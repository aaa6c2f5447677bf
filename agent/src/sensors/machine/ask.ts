import { Value } from "@sinclair/typebox/value";
import { MachineInventory } from "@vsix/shared/contract/up-machine.ts";
import { runProgram } from "../../io/run-program.ts";
import { ownProgram } from "../../own-program.ts";

const INVENTORY_MS = 60_000;
const CLOCK_MS = 10_000;

/**
 * What this machine is, from a process of its own that ends afterwards: what finds it out blocks an event loop for as long as its
 * programs take, and would keep 8 MB resident. Throws {@link ProgramError}, and Error for an answer that is none.
 */
export async function askInventory(signal: AbortSignal): Promise<MachineInventory> {
  const said = await runProgram(ownProgram("machine", "--json"), { signal, timeoutMs: INVENTORY_MS });
  const value: unknown = JSON.parse(said);
  if (!Value.Check(MachineInventory, value)) throw new Error("vsix-agent machine says what is no inventory");
  return value;
}

/**
 * Whether the kernel's clock is kept in step, as systemd-timedated is allowed to ask (adjtimex(2), which our unit forbids us);
 * undefined where there is no systemd.
 */
export async function askClock(signal: AbortSignal): Promise<boolean | undefined> {
  const command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"];
  const said = await runProgram(command, { signal, timeoutMs: CLOCK_MS }).catch(() => "");
  return { "yes\n": true, "no\n": false }[said];
}
