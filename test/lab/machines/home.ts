import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { NODE, namespaceName } from "../names.ts";
import { addNamespaces } from "../namespaces.ts";
import { inNamespace, ipBatch, run } from "../run.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { anUpstream } from "../scenarios/pick.ts";
import { bootFile, bootPartition, cardOf, imageOf } from "./image-files.ts";
import { signingIn } from "./place-router.ts";
import { takeCables } from "./ports.ts";
import { copySeed, seedOf } from "./seeds.ts";
import { VirtualMachine } from "./virtual-machine.ts";

/** Of the home's machine, and of a host behind it; as lab nodes are named. */
const PI_NODE = "pi";
export const HOST_NODE = "home";
const NETWORK = "3fff:250:a1:";

/** A home: a provider's link behind an upstream, a Raspberry Pi's image on it, a host behind that. */
export interface Home extends AsyncDisposable {
  readonly machine: VirtualMachine;
}

/** Where the provider gives the machine its address: by its hardware's (RFC 4862, RFC 4291 appendix A). */
export const ENDPOINT = `${NETWORK}:76:53ff:fe49:5801`;

/** By its architecture: the Pi's image, or the router image with the same seed, of which the same is to come. */
const KINDS = {
  arm64: { kind: "pi", console: "ttyAMA0" },
  amd64: { kind: "router", console: "ttyS0" },
} as const;

/** @param claim token of the application's. */
export async function startHome(
  context: ScenarioContext,
  claim: string,
  architecture: keyof typeof KINDS,
): Promise<Home> {
  const { lab } = context;
  const { kind, console } = KINDS[architecture];
  const card = await cardOf(await imageOf(kind, architecture));
  const at = (node: string): string => namespaceName(lab.name, node);
  const upstream = anUpstream(lab.fabric).name;
  const directory = join(lab.stateDir, PI_NODE);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await addNamespaces([at(PI_NODE), at(HOST_NODE)]);
  await ipBatch(undefined, [
    `link add wan netns ${at(PI_NODE)} type veth peer name home netns ${at(upstream)}`,
    `link add lan netns ${at(PI_NODE)} type veth peer name net0 netns ${at(HOST_NODE)}`,
  ]);
  await ipBatch(at(upstream), [`address add ${NETWORK}:1/64 dev home nodad`, "link set home up"]);
  await ipBatch(at(HOST_NODE), ["link set lo up", "link set net0 up"]);
  const ports = await takeCables(lab, PI_NODE, ["wan", "lan"]);
  const provider = startProvider(lab, upstream);
  const { keyFile, publicKey } = await signingIn(directory);
  const seed = seedOf(directory, {
    secrets: { "claim.token": claim },
    file: {
      version: 1,
      kind: "pi",
      system: { hostname: "pi-1", upgrades: "none", users: [{ name: "alice", sshKeys: [publicKey] }] },
      claim: { file: "claim.token" },
      uplinks: [{ kind: "ethernet", interface: "eth0" }],
      access: { kind: "tunnel" },
      lan: { ethernet: { adapters: [{ name: "lan-usb0", mac: ports.get("lan")?.mac }] } },
    },
  });
  context.step("the seed goes onto the card, and the card into the machine: power");
  await copySeed(bootPartition(card), directory, seed);
  const machine = await VirtualMachine.start({
    ...{ architecture, image: card, disks: [], directory, memoryMiB: 1024 },
    ...{ namespace: at(PI_NODE), ports: [...ports.values()] },
    direct: {
      kernel: await bootFile(card, "vmlinuz", directory),
      initrd: await bootFile(card, "initrd.img", directory),
      // As cmdline.txt, with the console that this board has.
      append: `root=LABEL=vsix-root ro net.ifnames=0 rootwait console=${console}`,
    },
    ssh: { user: "alice", keyFile, namespace: at(HOST_NODE), address: () => routerOf(at(HOST_NODE)) },
  });
  return {
    machine,
    [Symbol.asyncDispose]: async () => {
      await machine[Symbol.asyncDispose]();
      const ended = once(provider, "exit");
      provider.kill("SIGKILL");
      await ended;
    },
  };
}

/** Whoever answers all of a host's link, with the zone. */
export async function routerOf(namespace: string): Promise<string | undefined> {
  const [file = "ip", ...args] = inNamespace(namespace, [
    "ping",
    "-6",
    "-n",
    "-c",
    "2",
    "-W",
    "1",
    "ff02::2%net0",
  ]);
  const found = /bytes from (fe80:[0-9a-f:]+)/.exec((await run(file, args)).stdout)?.[1];
  return found === undefined ? undefined : `${found}%net0`;
}

function startProvider(lab: Lab, upstream: string): ChildProcess {
  const script = join(import.meta.dirname, "../services/provider.ts");
  const command = inNamespace(namespaceName(lab.name, upstream), [NODE, script, "home", `${NETWORK}:/64`]);
  const [file = "ip", ...args] = command;
  const child = spawn(file, args, { stdio: "ignore" });
  child.on("error", (cause) => {
    throw new LabError("lab/command-failed", "no provider", { cause });
  });
  return child;
}
