import { GOBGP_SOCKET } from "./names.ts";
import type { SeedValues } from "./render.ts";
import { agentFiles, START_AGENT } from "./render-agent.ts";
import { plain, START_SYSTEM, systemData, systemFiles } from "./render-system.ts";
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
      ...systemData(system, ["gobgpd", "nftables", ...services.flatMap((one) => PROGRAMS[one])]),
      write_files: [
        ...systemFiles(system),
        ...agentFiles({
          node,
          claim: secret("claim"),
          seedStays: false,
          ...(bundle === undefined ? {} : { bundle: secret("bundle") }),
        }),
        // Debian's unit wants a file; the agent says everything by the socket.
        plain("/etc/gobgpd.conf", ["# The agent configures this gobgpd, by its socket."]),
        plain("/etc/systemd/system/gobgpd.service.d/vsix.conf", [
          "[Service]",
          "ExecStartPre=",
          "ExecStart=",
          `ExecStart=/usr/bin/gobgpd -f /etc/gobgpd.conf --sdnotify --disable-stdlog --syslog yes --api-hosts unix://${GOBGP_SOCKET}`,
          "DynamicUser=no",
          "RuntimeDirectory=gobgp",
          "RuntimeDirectoryMode=0700",
          "# Ended by SIGTERM it tells its neighbours that it goes for good, and they drop its routes.",
          "KillSignal=SIGKILL",
          "Restart=always",
          "RestartSec=1",
        ]),
      ],
      runcmd: [
        ...START_SYSTEM,
        // The agent runs its own, with its own configuration.
        ...services
          .flatMap((one) => PROGRAMS[one])
          .filter((name) => name !== "wireguard-tools")
          .map((name) => ["systemctl", "disable", "--now", `${name}.service`]),
        ["systemctl", "enable", "gobgpd.service"],
        ["systemctl", "restart", "--no-block", "gobgpd.service"],
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
