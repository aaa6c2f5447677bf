import type { Lab } from "../lab.ts";
import { namespaceName } from "../names.ts";
import { inNamespace, ipBatch, mustRun } from "../run.ts";

/** A port of a virtual machine: a TAP device in a namespace, with the address that the machine's side has. */
export interface Port {
  readonly tap: string;
  readonly mac: string;
}

/**
 * Gives a machine the cables that a node has: each device of the node is joined to a TAP by a bridge, and the node's own namespace says nothing on it
 * any more. Devices keep their names inside the machine.
 */
export async function takeCables(
  lab: Lab,
  node: string,
  devices: readonly string[],
): Promise<ReadonlyMap<string, Port>> {
  const namespace = namespaceName(lab.name, node);
  const ports = new Map<string, Port>();
  for (const [i, device] of devices.entries()) {
    const port = { tap: `tap${i}`, mac: macOf(i + 1) };
    const bridge = `br${i}`;
    await addTap(namespace, port.tap);
    await ipBatch(namespace, [
      `link add ${bridge} type bridge stp_state 0 mcast_snooping 0`,
      `link set ${device} master ${bridge}`,
      `link set ${port.tap} master ${bridge}`,
    ]);
    for (const name of [device, bridge, port.tap]) await silent(namespace, name);
    // What the cable can carry, the machine may send.
    const mtu = (await read(namespace, `/sys/class/net/${device}/mtu`)).trim();
    await ipBatch(
      namespace,
      [port.tap, bridge, device].flatMap((name) => [`link set ${name} mtu ${mtu}`, `link set ${name} up`]),
    );
    ports.set(device, port);
  }
  return ports;
}

/** A TAP with an address of its own: a way to look into the machine that is no part of what is tested. */
export async function managementPort(namespace: string, address: string): Promise<Port> {
  const port = { tap: "mgmt", mac: macOf(0xee) };
  await addTap(namespace, port.tap);
  await ipBatch(namespace, [`address add ${address} dev ${port.tap} nodad`, `link set ${port.tap} up`]);
  return port;
}

export async function addTap(namespace: string, name: string): Promise<void> {
  const [file = "ip", ...args] = inNamespace(namespace, ["ip", "tuntap", "add", "dev", name, "mode", "tap"]);
  await mustRun(file, args);
}

export const macOf = (last: number): string => `02:76:53:49:58:${last.toString(16).padStart(2, "0")}`;

async function silent(namespace: string, device: string): Promise<void> {
  const setting = `net.ipv6.conf.${device}.disable_ipv6=1`
    .replace(`.${device}.`, `/${device}/`)
    .replaceAll(".", "/");
  const [file = "ip", ...args] = inNamespace(namespace, ["sysctl", "-qw", setting]);
  await mustRun(file, args);
}

async function read(namespace: string, path: string): Promise<string> {
  const [file = "ip", ...args] = inNamespace(namespace, ["cat", path]);
  return mustRun(file, args);
}
