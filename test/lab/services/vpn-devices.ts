import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApplicationAnswer } from "@vsix/controller/http/schemas-account.ts";
import { outputOf } from "../ctl.ts";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { nodeDirectory, wireguardSocketsIn } from "../programs.ts";
import { inNamespace, mustRun } from "../run.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** Devices of the Remote Access VPN: what their users do, with vsixctl and wg-quick alone. */
export interface VpnDevice {
  /** Namespace that it is, as lab nodes are named. */
  readonly host: string;
  /** Of its application. */
  readonly id: number;
  /** That it was given. */
  readonly address: string;
}

/** The device's interface, and the name of its configuration file. */
const DEVICE = "vpn0";
/** How often routers are asked for their key while none has told it, and the pause between. */
const ATTEMPTS = 120;
const PAUSE_MS = 250;

/** Makes a key on the device, and applies with its public half. */
export async function applyForVpn(
  { lab, ctlJson, runCtl }: ScenarioContext,
  user: string,
  host: string,
): Promise<VpnDevice> {
  await mkdir(nodeDirectory(lab.name, host), { recursive: true, mode: 0o700 });
  const keygen = ["vpn", "keygen", keyFile(lab, host)];
  const publicKey = outputOf(keygen, await runCtl(...keygen)).trim();
  const words = ["application", "create", user, "remote-access-vpn", "--device", host];
  const { id, prefixes } = (await ctlJson(...words, "--public-key", publicKey)) as ApplicationAnswer;
  const [address, length] = (prefixes[0] ?? "").split("/");
  if (address === undefined || length !== "128")
    throw new LabError("lab/scenario", `application ${id} was given ${prefixes.join(", ")}, no address`);
  return { host, id, address };
}

/**
 * Has vsixctl write the device's configuration, as soon as routers have told their key, and wg-quick take it. `only`: it leads nothing else
 * into the VPN; for kernels whose nftables lack the `fib` that wg-quick wants for ::/0.
 */
export async function connectVpn(
  { lab, runCtl, sleep, note }: ScenarioContext,
  { host, id }: VpnDevice,
  { words = [], only }: { readonly words?: readonly string[]; readonly only?: string } = {},
): Promise<void> {
  const out = join(nodeDirectory(lab.name, host), `${DEVICE}.conf`);
  const asked = ["vpn", "config", `${id}`, "--private-key-file", keyFile(lab, host), "--out", out, ...words];
  const refusals = new Map<string, number>();
  for (let attempt = 1; ; attempt++) {
    const { code, stdout, stderr } = await runCtl(...asked);
    if (code === 0) break;
    const reason = `exit ${code}: ${(stderr.trim() || stdout.trim()).slice(-500)}`;
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    note(`${host}: vpn config, try ${attempt}: ${reason}`);
    if (attempt === ATTEMPTS) {
      const reasons = [...refusals].map(([said, times]) => `${times} times ${said}`).join("; ");
      throw new LabError("lab/command-failed", `vsixctl ${asked.join(" ")}: ${reasons}`);
    }
    await sleep(PAUSE_MS);
  }
  if (only !== undefined) {
    const text = await readFile(out, "utf8");
    await writeFile(out, text.replace("AllowedIPs = ::/0", `AllowedIPs = ${only}`));
  }
  const sockets = wireguardSocketsIn(join(nodeDirectory(lab.name, host), "wireguard"));
  const [file = "ip", ...args] = inNamespace(namespaceName(lab.name, host), [
    ...sockets,
    "wg-quick",
    "up",
    out,
  ]);
  await mustRun(file, args);
}

function keyFile(lab: Lab, host: string): string {
  return join(nodeDirectory(lab.name, host), "device.key");
}
