import { canonicalIp6 } from "../../wire/netlink/ip-text.ts";
import type { DesiredDelegation } from "./desired.ts";

export const KEA_CONFIG = "kea-dhcp6.json";
/** Within the directory: what Kea writes, which is not root. Nobody else writes there. */
export const KEA_DATA = "data";
const LEASES = "leases.csv";
/** Where it takes commands. */
export function keaSocket(directory: string): string {
  return `${directory}/${KEA_DATA}/kea.sock`;
}

export function keaLog(directory: string): string {
  return `${directory}/${KEA_DATA}/kea.log`;
}

/** Octets of one of Kea's log files, of which it keeps two. */
const LOG_OCTETS = 1024 * 1024;

export interface KeaPlace {
  /** Where it has its files. */
  readonly directory: string;
  /** The library `libdhcp_lease_cmds.so`; undefined where there is none. */
  readonly leaseCommands: string | undefined;
}

/**
 * Configuration of kea-dhcp6 2.2. It hears one relay, on ::1. A tunnel is a subnet, found by Interface-Id (RFC 8415 section 21.18),
 * whose pools hold exactly that user's prefixes; so whoever asks within a tunnel gets what is its own, or nothing.
 * Subnets keep their ids, which leases name.
 */
export function keaConfig(delegation: DesiredDelegation, { directory, leaseCommands }: KeaPlace): string {
  const { server, preferredS, validS, resolvers, tunnels } = delegation;
  const config = {
    Dhcp6: {
      "interfaces-config": {
        interfaces: ["lo/::1"],
        "re-detect": false,
        "service-sockets-require-all": true,
      },
      "server-id": {
        type: "LL",
        // EUI-64, IANA registry of ARP hardware types.
        htype: 27,
        identifier: identifierOf(server),
        persist: false,
      },
      "control-socket": { "socket-type": "unix", "socket-name": keaSocket(directory) },
      "lease-database": {
        type: "memfile",
        persist: true,
        name: `${directory}/${KEA_DATA}/${LEASES}`,
        "lfc-interval": 3600,
      },
      "hooks-libraries": leaseCommands === undefined ? [] : [{ library: leaseCommands }],
      "multi-threading": { "enable-multi-threading": false },
      "reservations-global": false,
      "reservations-in-subnet": false,
      "preferred-lifetime": preferredS,
      "valid-lifetime": validS,
      // RFC 8415 section 21.21: half and four fifths of the preferred lifetime.
      "renew-timer": Math.floor(preferredS / 2),
      "rebind-timer": Math.floor((preferredS * 4) / 5),
      "option-data":
        resolvers.length === 0
          ? []
          : [{ name: "dns-servers", data: resolvers.join(", "), "csv-format": true }],
      loggers: [
        {
          name: "kea-dhcp6",
          severity: "WARN",
          output_options: [{ output: keaLog(directory), maxsize: LOG_OCTETS, maxver: 1 }],
        },
      ],
    },
  };
  // A line each: who reads it or compares two finds the user.
  const subnets = tunnels.map(({ interface: name, number, prefixes }) =>
    JSON.stringify({
      id: number,
      subnet: prefixes[0],
      "interface-id": name,
      "pd-pools": prefixes.map(poolOf),
    }),
  );
  const text = JSON.stringify(config, undefined, 1);
  const rest = text.slice(0, text.lastIndexOf("}", text.lastIndexOf("}") - 1)).trimEnd();
  return `${rest},\n  "subnet6": [\n${subnets.join(",\n")}\n  ]\n }\n}\n`;
}

/** Its command line; `args` go before the file of its configuration. Where its other files are it takes from the environment alone. */
export function keaCommand(directory: string, args: readonly string[], config: string): readonly string[] {
  const places = [
    `KEA_PIDFILE_DIR=${directory}/${KEA_DATA}`,
    `KEA_DHCP_DATA_DIR=${directory}/${KEA_DATA}`,
    // Nobody else writes its log.
    "KEA_LOCKFILE_DIR=none",
  ];
  return ["env", ...places, "kea-dhcp6", ...args, config];
}

/** What it is started with to hear this port. */
export function keaRun(port: number): readonly string[] {
  return ["-p", String(port), "-c"];
}

/** Subnets in a configuration, by device, with their prefixes. */
export function subnetsOf(config: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const line of config.split("\n")) {
    const [, name] = /"interface-id":"([^"]*)"/.exec(line) ?? [];
    if (name === undefined) continue;
    const prefixes = [...line.matchAll(/"prefix":"([^"]*)","prefix-len":(\d+)/g)];
    found.set(
      name,
      prefixes.map(([, prefix, length]) => `${prefix}/${length}`),
    );
  }
  return found;
}

function poolOf(prefix: string) {
  const [address = "", length = "64"] = prefix.split("/");
  return {
    prefix: canonicalIp6(address) ?? address,
    "prefix-len": Number(length),
    "delegated-len": Number(length),
  };
}

/** 64 bits of a name by FNV-1a, marked as locally administered (RFC 4291 appendix A). */
function identifierOf(name: string): string {
  const half = (seed: number): number => {
    let hash = seed;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
    return hash;
  };
  const high = ((half(0x811c9dc5) & 0xfcff_ffff) | 0x0200_0000) >>> 0;
  return [high, half(0x01000193)].map((word) => word.toString(16).padStart(8, "0")).join("");
}
