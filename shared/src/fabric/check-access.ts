import { formatAddress, parseAddress } from "../net/address.ts";
import { containsAddress, containsPrefix, formatPrefix, parsePrefix } from "../net/prefix.ts";
import type { AccessPointFile } from "./access-schema.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type Draft, readPrefixes } from "./draft.ts";
import type { Path } from "./fault.ts";
import type { Loose } from "./loose.ts";
import type { Claim } from "./overlaps.ts";

type Point = NonNullable<Loose<AccessPointFile>>;

/** Access points: routers that are there, addresses that can work, and nothing that one router cannot be twice. */
export function checkAccess(draft: Draft): void {
  const points = pointsIn(draft);
  const routers = [...draft.nodes.values()].filter(({ service }) => service === "access");
  const names = routers.map(({ name }) => name);
  for (const [name, point] of points) {
    const path: Path = ["services", "access", name];
    checkRouters(draft, path, point, names);
    checkSite(draft, path, point);
    checkContent(draft, path, name, point);
    for (const [at, text] of addressTexts(path, point)) needOwnAddress(draft, at, text);
    for (const { prefix, path: at } of poolsOf(draft, path, point)) {
      if (draft.own.length === 0 || draft.own.some((own) => containsPrefix(own.prefix, prefix))) continue;
      const message = `${formatPrefix(prefix)} is outside of \`prefixes\`: nobody would send anything there`;
      draft.report({ path: at, message });
    }
    checkDeviceAddresses(draft, path, point);
  }
  for (const node of routers) {
    const served = points.filter(([, { routers: list }]) => (list ?? []).includes(node.name));
    if (served.length === 0 && draft.file.services !== undefined) {
      const message = `${node.name} has role access, and no point of services.access names it in \`routers\``;
      draft.report({ path: [...node.path, "role"], message });
    }
    checkTogether(draft, node.name, served);
  }
}

/** What points announce, for the check that nobody else has it. */
export function accessClaims(draft: Draft): readonly Claim[] {
  const quiet = { ...draft, report: (): void => undefined };
  return pointsIn(draft).flatMap(([name, point]): Claim[] => {
    const path: Path = ["services", "access", name];
    const owner = `access point ${name}'s`;
    const hosts: Claim[] = [];
    const endpoints = new Set<string>();
    for (const [at, text] of addressTexts(path, point)) {
      const address = text === undefined ? undefined : parseAddress(text);
      if (address === undefined) continue;
      const key = formatAddress(address);
      // WireGuard devices of a point tell each other's packets apart by their ports.
      if (at.includes("wireguard") && endpoints.has(key)) continue;
      if (at.includes("wireguard")) endpoints.add(key);
      hosts.push({ prefix: { address, length: 128 }, path: at, owner });
    }
    return [...hosts, ...poolsOf(quiet, path, point).map((one) => ({ ...one, owner }))];
  });
}

function pointsIn(draft: Draft): readonly (readonly [string, Point])[] {
  return Object.entries(draft.file.services?.access ?? {}).flatMap(([name, point]) =>
    point === undefined ? [] : [[name, point] as const],
  );
}

function addressTexts(path: Path, point: Point): readonly (readonly [Path, string | undefined])[] {
  const devices = Object.entries(point.wireguard ?? {});
  return [
    [[...path, "tunnel", "address"], point.tunnel?.address],
    [[...path, "srv6", "sid"], point.srv6?.sid],
    ...devices.map(
      ([id, device]) => [[...path, "wireguard", id, "endpoint"] as Path, device?.endpoint] as const,
    ),
  ];
}

function poolsOf(draft: Pick<Draft, "report">, path: Path, point: Point) {
  return [
    ...readPrefixes(draft.report, [...path, "pools"], point.pools),
    ...Object.entries(point.wireguard ?? {}).flatMap(([id, device]) =>
      readPrefixes(draft.report, [...path, "wireguard", id, "pools"], device?.pools),
    ),
  ];
}

function needOwnAddress(draft: Draft, path: Path, text: string | undefined): void {
  if (text === undefined) return;
  const address = parseAddress(text);
  if (address === undefined) {
    draft.report({ path, message: `${JSON.stringify(text)} is not an IPv6 address (no /length here)` });
  } else if (draft.own.length > 0 && !draft.own.some(({ prefix }) => containsAddress(prefix, address))) {
    const message = `${formatAddress(address)} is outside of \`prefixes\`; nobody would be led to it`;
    draft.report({ path, message });
  }
}

function checkRouters(draft: Draft, path: Path, point: Point, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const [i, name] of (point.routers ?? []).entries()) {
    if (name === undefined) continue;
    const at = [...path, "routers", i];
    if (seen.has(name)) draft.report({ path: at, message: `${name} is named twice` });
    else if (!names.includes(name) && draft.complete) {
      const there = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
      const message = `${name} is no node of role access${didYouMean(name, names)}; ${there}`;
      draft.report({ path: at, message });
    }
    seen.add(name);
  }
}

function checkSite(draft: Draft, path: Path, { site }: Point): void {
  const { sites } = draft.file;
  if (site === undefined || sites === undefined || sites.includes(site)) return;
  const known = sites.filter((one) => one !== undefined);
  const message = `there is no site ${site}${didYouMean(site, known)}; sites: ${known.join(", ")}`;
  draft.report({ path: [...path, "site"], message });
}

function checkContent(draft: Draft, path: Path, name: string, point: Point): void {
  const tunnels = Object.hasOwn(point, "tunnel") || Object.hasOwn(point, "srv6");
  const pools = Object.hasOwn(point, "pools");
  if (!tunnels && Object.keys(point.wireguard ?? {}).length === 0) {
    const message = `${name} does nothing: give it \`tunnel\`, \`srv6\` or \`wireguard\``;
    draft.report({ path, at: "key", message });
  } else if (tunnels && !pools) {
    const message = `${name} needs \`pools\`: what its users' prefixes are taken from`;
    draft.report({ path, at: "key", message });
  } else if (!tunnels && pools) {
    const message = "`pools` is for tunnels and SRv6 access; those of WireGuard stand with its device";
    draft.report({ path: [...path, "pools"], at: "key", message });
  }
}

function checkDeviceAddresses(draft: Draft, path: Path, point: Point): void {
  for (const [id, device] of Object.entries(point.wireguard ?? {})) {
    const pools = (device?.pools ?? []).flatMap((text) =>
      text === undefined ? [] : (parsePrefix(text) ?? []),
    );
    for (const [i, text] of (device?.addresses ?? []).entries()) {
      const at = [...path, "wireguard", id, "addresses", i];
      const address = text === undefined ? undefined : parseAddress(text);
      if (text === undefined) continue;
      if (address === undefined)
        draft.report({
          path: at,
          message: `${JSON.stringify(text)} is not an IPv6 address (no /length here)`,
        });
      else if (!pools.some((pool) => containsAddress(pool, address)))
        draft.report({ path: at, message: `${formatAddress(address)} lies in no pool of ${id}` });
    }
  }
}

/** A router has one source of encapsulations, one MTU of tunnels, and each device and port once. */
function checkTogether(draft: Draft, router: string, points: readonly (readonly [string, Point])[]): void {
  const places = new Map<string, string>();
  const claim = (path: Path, what: string, key: string, point: string): void => {
    const other = places.get(key);
    if (other === undefined || other === point) places.set(key, point);
    else draft.report({ path, message: `${router} serves ${other} too, and ${what}` });
  };
  const [first] = points;
  for (const [name, point] of points) {
    const path: Path = ["services", "access", name];
    if (Object.hasOwn(point, "srv6"))
      claim([...path, "srv6"], "a router has one SID of SRv6 access", "srv6", name);
    for (const [id, device] of Object.entries(point.wireguard ?? {})) {
      const at = [...path, "wireguard", id];
      claim(at, `has a WireGuard device ${id} there: give this one another id`, `device ${id}`, name);
      if (device?.port !== undefined)
        claim([...at, "port"], `port ${device.port} is taken there`, `port ${device.port}`, name);
    }
    for (const field of ["mtu", "hopLimit", "delegation"] as const) {
      const here = point.tunnel?.[field];
      const there = first?.[1].tunnel?.[field];
      if (point.tunnel === undefined || first?.[1].tunnel === undefined || here === there) continue;
      const message = `${router} serves ${first[0]} too, whose tunnels have another ${field}: a router has one`;
      draft.report({ path: [...path, "tunnel", field], message });
    }
  }
}
