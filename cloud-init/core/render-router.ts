import type { SeedValues } from "./render.ts";
import { agentFiles, START_AGENT } from "./render-agent.ts";
import { START_SYSTEM, systemData, systemFiles } from "./render-system.ts";
import type { RouterFile, SERVICES } from "./schema.ts";
import type { Network } from "./words.ts";

const PROGRAMS: Readonly<Record<(typeof SERVICES)[number], readonly string[]>> = {
  access: ["kea-dhcp6-server", "wireguard-tools"],
  resolver: ["unbound"],
  nat64: ["tayga"],
  "siit-dc": ["tayga"],
};

/** A router of the fabric in a VM: what it takes to enrol, and the programs that the agent configures. */
export function routerSeed(
  { system, network, services = [], bundle }: RouterFile,
  node: string,
  secret: (path: string) => string,
): SeedValues {
  return {
    hostname: system.hostname,
    userData: {
      ...systemData(system, ["nftables", ...services.flatMap((one) => PROGRAMS[one])]),
      write_files: [
        ...systemFiles(system),
        ...agentFiles({
          node,
          claim: secret("claim"),
          seedStays: false,
          ...(bundle === undefined ? {} : { bundle: secret("bundle") }),
        }),
      ],
      runcmd: [
        ...START_SYSTEM,
        // The agent runs its own, with its own configuration.
        ...services
          .flatMap((one) => PROGRAMS[one])
          .filter((name) => name !== "wireguard-tools")
          .map((name) => ["systemctl", "disable", "--now", `${name}.service`]),
        ...START_AGENT,
      ],
    },
    network: portsNetwork(network),
  };
}

/** Netplan: addresses of devices. Ports of the fabric need none here; the agent gives them theirs. */
export function portsNetwork({ ports, resolvers }: Network): Readonly<Record<string, unknown>> {
  return {
    renderer: "networkd",
    ethernets: Object.fromEntries(
      ports.map(({ name, mac, automatic = false, addresses = [], gateway }) => [
        name,
        {
          ...(mac === undefined ? {} : { match: { macaddress: mac.toLowerCase() }, "set-name": name }),
          dhcp4: false,
          dhcp6: automatic,
          "accept-ra": automatic,
          "link-local": ["ipv6"],
          optional: true,
          ...(addresses.length === 0 ? {} : { addresses }),
          ...(gateway === undefined ? {} : { routes: [{ to: "::/0", via: gateway }] }),
          ...(resolvers === undefined ? {} : { nameservers: { addresses: resolvers } }),
        },
      ]),
    ),
  };
}
