import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { addNamespaces } from "../namespaces.ts";
import { inNamespace, ipBatch, mustRun, run } from "../run.ts";

/** Users of SRv6 access: a router of their own outside the AS, behind the first upstream, and a host behind that. */
export interface Srv6Home extends Home {
  /** Gives the host an address of the prefix that came of it, and the router a way to the point's SID; the host's address. */
  settle(prefix: string, sid: string): Promise<string>;
}

/** A router with the Internet of the first upstream, and a host behind it that has no address yet. */
export interface Home {
  /** Namespaces, as lab nodes are named. */
  readonly router: string;
  readonly host: string;
  /** An address that is led to the router, and that no device of it has. */
  readonly endpoint: string;
  /** Device of the router that the host is behind. */
  readonly lan: string;
  /** What its own network begins with: `::1` of it is the upstream's. */
  readonly network: string;
}

export async function createHome(lab: Lab, number: number): Promise<Home> {
  const upstream = lab.fabric.nodes.find(({ role }) => role === "upstream")?.name;
  if (upstream === undefined) throw new LabError("lab/fabric", "no upstream for users to be behind");
  const [router, host] = [`user-${number}`, `home-${number}`];
  const at = (node: string): string => namespaceName(lab.name, node);
  const network = `3fff:250:a${number.toString(16)}`;
  const endpoint = `${network}::e`;
  await addNamespaces([at(router), at(host)]);
  await ipBatch(undefined, [
    `link add wan netns ${at(router)} type veth peer name user-${number} netns ${at(upstream)}`,
    `link add eth0 netns ${at(host)} type veth peer name lan netns ${at(router)}`,
  ]);
  await ipBatch(at(upstream), [
    `address add ${network}::1/64 dev user-${number} nodad`,
    `link set user-${number} up`,
    `route add ${endpoint}/128 via ${network}::2`,
  ]);
  await ipBatch(at(router), [
    "link set lo up",
    `address add ${network}::2/64 dev wan nodad`,
    "link set wan up",
    "link set lan up",
    `route add default via ${network}::1`,
  ]);
  await ipBatch(at(host), ["link set lo up", "link set eth0 up"]);
  return { router, host, endpoint, lan: "lan", network };
}

/** The host's first address of a prefix, with its router's as the way out: what it would hear from that in a router advertisement. */
export async function giveAddress(lab: Lab, { host }: Home, prefix: string): Promise<string> {
  const base = prefix.replace(/::\/\d+$/, "");
  await ipBatch(namespaceName(lab.name, host), [
    `address add ${base}::2/64 dev eth0 nodad`,
    `route add default via ${base}::1`,
  ]);
  return `${base}::2`;
}

export async function createSrv6Home(lab: Lab, number: number): Promise<Srv6Home> {
  const home = await createHome(lab, number);
  const { router, endpoint, network } = home;
  const at = namespaceName(lab.name, router);
  const settings = ["all.forwarding", "all.seg6_enabled", "wan.seg6_enabled"].map(
    (name) => `net.ipv6.conf.${name}=1`,
  );
  const inside = (...command: readonly string[]): Promise<string> => {
    const [file = "ip", ...args] = inNamespace(at, command);
    return mustRun(file, args);
  };
  await inside("sysctl", "-qw", ...settings);
  await inside("ip", "sr", "tunsrc", "set", endpoint);
  // Whoever sends by SRv6 takes what comes by the same: one SID that is the router's address (RFC 8986 section 4.6).
  await ipBatch(at, [`route add ${endpoint}/128 encap seg6local action End.DT6 table main dev wan`]);
  return {
    ...home,
    settle: async (prefix, sid) => {
      const base = prefix.replace(/::\/\d+$/, "");
      await ipBatch(at, [
        `address add ${base}::1/64 dev lan nodad`,
        `route add ${sid}/128 via ${network}::1`,
        `route add 2001:db8::/32 encap seg6 mode encap.red segs ${sid} dev wan`,
      ]);
      return giveAddress(lab, home, prefix);
    },
  };
}

/** Whether one echo comes back within so long. */
export async function echoes(lab: Lab, from: string, address: string, waitS = 0.2): Promise<boolean> {
  const [file = "ip", ...args] = inNamespace(namespaceName(lab.name, from), [
    ...["ping", "-6", "-q", "-n", "-c", "1", "-W", String(waitS), address],
  ]);
  return (await run(file, args)).code === 0;
}
