import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Status } from "../../../controller/src/status/model.ts";
import { linksOf, stopProgram } from "../faults.ts";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { controllerNode, enrolUrl } from "../programs.ts";
import { ipBatch, mustRun } from "../run.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { imageOf } from "./image-files.ts";
import { managementPort, takeCables } from "./ports.ts";
import { seedDisk, seedOf } from "./seeds.ts";
import { type Firmware, VirtualMachine } from "./virtual-machine.ts";

const NETWORK = "2001:db8:ff:1:";
const BETWEEN = "2001:db8:ff:2:";

/** Starts the router image in the place of a node: on its cables, with a claim for another key. */
export async function placeRouter(
  context: ScenarioContext,
  node: string,
  services: readonly string[],
  firmware?: Firmware,
): Promise<VirtualMachine> {
  const { lab } = context;
  const image = await imageOf("router", "amd64");
  const namespace = namespaceName(lab.name, node);
  const directory = join(lab.stateDir, node, "machine");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  context.step(`${node} is taken off its cables`);
  const at = enrolUrl(controllerNode(lab.fabric).loopback);
  await context.ctl("node", "rekey", node, "--at", at, "--out", join(directory, "claim.token"));
  for (const program of ["agent", "gobgpd"] as const) await stopProgram(lab, node, program);
  // Or its end would be taken for the machine's beginning.
  for (let look = 0; look < 240 && (await isOnline(context, node)); look++) await context.sleep(500);
  if (await isOnline(context, node))
    throw new LabError(
      "lab/image",
      `${node} was stopped, and two minutes later the controller still hears it`,
    );
  const devices = linksOf(lab, node).map((link) => link.interface);
  const cables = await takeCables(lab, node, devices);
  const management = await managementPort(namespace, `${NETWORK}:1/64`);
  await outOfBand(lab, namespace);
  const { keyFile, publicKey } = await signingIn(directory);
  const seed = seedOf(directory, {
    secrets: {},
    file: {
      version: 1,
      kind: "router",
      system: { hostname: node, upgrades: "none", users: [{ name: "noc", sshKeys: [publicKey] }] },
      claim: { file: "claim.token" },
      network: {
        ports: [
          { name: "mgmt0", mac: management.mac, addresses: [`${NETWORK}:2/64`], gateway: `${NETWORK}:1` },
          ...[...cables].map(([name, { mac }]) => ({ name, mac })),
        ],
      },
      ...(services.length === 0 ? {} : { services }),
    },
  });
  context.step(`${node} is a machine now: power`);
  return VirtualMachine.start({
    ...{ architecture: "amd64", image, firmware, namespace, directory, memoryMiB: 1024 },
    disks: [await seedDisk(directory, seed)],
    ports: [management, ...cables.values()],
    ssh: { user: "noc", address: () => Promise.resolve(`${NETWORK}:2`), keyFile },
  });
}

/** Whether the controller hears a node. */
export async function isOnline(context: ScenarioContext, node: string): Promise<boolean> {
  const { nodes } = await context.ask<Status>("/v1/status");
  return nodes.some(({ name, online }) => name === node && online);
}

/** The management network: by it a router reaches the controller before it is one of the fabric. */
async function outOfBand(lab: Lab, namespace: string): Promise<void> {
  const noc = controllerNode(lab.fabric);
  const there = namespaceName(lab.name, noc.name);
  await ipBatch(undefined, [`link add oob netns ${namespace} type veth peer name oob netns ${there}`]);
  await ipBatch(namespace, [
    `address add ${BETWEEN}:1/64 dev oob nodad`,
    "link set oob up",
    `route add ${noc.loopback}/128 via ${BETWEEN}:2`,
  ]);
  await ipBatch(there, [
    `address add ${BETWEEN}:2/64 dev oob nodad`,
    "link set oob up",
    `route add ${NETWORK}:/64 via ${BETWEEN}:1`,
  ]);
  await mustRun("ip", ["netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"]);
}

/** A key of somebody who may look into a machine. */
export async function signingIn(directory: string): Promise<{ keyFile: string; publicKey: string }> {
  const keyFile = join(directory, "key");
  await mustRun("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", keyFile]);
  return { keyFile, publicKey: (await mustRun("cat", [`${keyFile}.pub`])).trim() };
}

/** Asks until it is so, or the machine has ended. */
export async function waitFor(
  context: ScenarioContext,
  machine: VirtualMachine,
  what: string,
  patienceMs: number,
  is: () => Promise<boolean>,
): Promise<void> {
  for (const begunMs = performance.now(); !(await is()); await context.sleep(500)) {
    machine.mustRun();
    if (performance.now() - begunMs > patienceMs) {
      const said = machine.console.slice(-2000);
      throw new LabError("lab/image", `not within ${patienceMs} ms: ${what}; console: ${said}`);
    }
  }
}

/** What its agent and its gobgpd said, beside the logs of the other nodes. */
export async function keepJournal(lab: Lab, node: string, machine: VirtualMachine): Promise<void> {
  const { stdout } = await machine.do("sudo journalctl --no-pager -o short-precise -u 'vsix-*' -n 2000");
  writeFileSync(join(lab.stateDir, node, "machine", "journal.log"), stdout);
}

/** What a machine says of itself: kernel, failed units, resident memory of each of our units that runs (KiB), of everything, disk. */
export async function lookInto(machine: VirtualMachine): Promise<object> {
  const { stdout } = await machine.do(
    [
      "uname -r",
      "systemctl --failed --no-legend --plain | cut -d' ' -f1 | paste -sd,",
      OUR_MEMORY,
      "free -k | awk '/^Mem/ {print $3}'",
      "df -k --output=used,size / | tail -1",
    ].join("; "),
  );
  const [kernel, failedUnits, residentKiB, usedKiB, diskKiB] = stdout.split("\n");
  return { kernel, failedUnits, residentKiB, usedKiB, diskKiB };
}

/** `UNIT KiB, …`: VmRSS of all processes of a unit's control group. */
const OUR_MEMORY = [
  "for unit in /sys/fs/cgroup/system.slice/vsix-*.service",
  // A unit that has none of its own is on its way out.
  'do pids=$(sed "s,.*,/proc/&/status," "$unit/cgroup.procs")',
  '[ -z "$pids" ] || echo "$(basename "$unit") $(cat $pids | awk \'/^VmRSS/ {sum += $2} END {print sum}\')"',
  "done | paste -sd,",
].join("; ");
