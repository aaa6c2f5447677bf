import { parseAddress } from "../net/address.ts";
import { pref64Fault } from "../net/pref64.ts";
import { parsePrefix } from "../net/prefix.ts";
import type { Draft } from "./draft.ts";
import type { Finding, Path } from "./fault.ts";
import {
  type HealthCommandFile,
  type HealthFile,
  MAX_HEALTH_PAGES,
  MAX_HEALTH_TARGETS,
  MAX_TRANSLATED_PAGES,
} from "./health-schema.ts";
import type { Loose } from "./loose.ts";

type Report = (finding: Finding) => void;
type Common = Loose<Omit<HealthFile, "intervalS" | "nodes">> & Pick<Loose<HealthCommandFile>, "planes">;

/** Section `health` of a fabric file. */
export function checkHealth({ file, report, nodes }: Draft): void {
  const { health } = file;
  if (health === undefined) return;
  checkHealthFile(health, ["health"], report);
  for (const [i, name] of (health.nodes ?? []).entries()) {
    if (name === undefined) continue;
    const path = ["health", "nodes", i];
    const node = nodes.get(name);
    if (node === undefined) report({ path, message: `there is no node ${JSON.stringify(name)}` });
    else if (node.role === "upstream" || node.software === "bird")
      report({ path, message: `${name} does not run our agent; only those that do can look` });
  }
}

/** What a schema cannot say of either file. `root`: where it stands. */
export function checkHealthFile(file: Common, root: Path, report: Report): void {
  const at = (...path: Path): Path => [...root, ...path];
  const entries = (name: "targets" | "web" | "translated", most: number) => {
    const all = Object.entries(file[name] ?? {});
    if (all.length > most)
      report({ path: at(name), at: "key", message: `${all.length} entries, at most ${most}` });
    return all.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  };
  for (const [name, host] of entries("targets", MAX_HEALTH_TARGETS)) {
    const why = hostFault(host);
    if (why !== undefined) report({ path: at("targets", name), message: why });
  }
  for (const [name, url] of entries("web", MAX_HEALTH_PAGES)) {
    const why = urlFault(url, false);
    if (why !== undefined) report({ path: at("web", name), message: why });
  }
  for (const [name, url] of entries("translated", MAX_TRANSLATED_PAGES)) {
    const why = urlFault(url, true);
    if (why !== undefined) report({ path: at("translated", name), message: why });
  }
  for (const [i, name] of (file.names ?? []).entries())
    if (name !== undefined && !isDnsName(name))
      report({ path: at("names", i), message: `${JSON.stringify(name)} is no host name` });
  if (file.signed !== undefined && !isDnsName(file.signed))
    report({ path: at("signed"), message: `${JSON.stringify(file.signed)} is no host name` });
  for (const [i, address] of (file.resolvers ?? []).entries())
    if (address !== undefined && parseAddress(address) === undefined)
      report({ path: at("resolvers", i), message: `${JSON.stringify(address)} is not an IPv6 address` });
  for (const [i, entry] of (file.pref64 ?? []).entries()) {
    if (entry?.prefix === undefined) continue;
    const prefix = parsePrefix(entry.prefix);
    const path = at("pref64", i, "prefix");
    if (prefix === undefined)
      report({
        path,
        message: `${JSON.stringify(entry.prefix)} is not an IPv6 prefix; the well-known one is 64:ff9b::/96`,
      });
    else {
      const why = pref64Fault(prefix);
      if (why !== undefined) report({ path, message: why });
    }
  }
  for (const [plane, targets] of Object.entries(file.planes ?? {}))
    for (const [name, address] of Object.entries(targets ?? {}))
      if (address !== undefined && parseAddress(address) === undefined)
        report({
          path: at("planes", plane, name),
          message: `${JSON.stringify(address)} is not an IPv6 address`,
        });
}

/** RFC 1123 section 2.1, and the underscore that is found in the wild. */
function isDnsName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^[0-9A-Za-z_]([0-9A-Za-z_-]{0,62}\.)*[0-9A-Za-z_-]{1,63}\.?$/.test(text) &&
    !isIpv4(text)
  );
}

function isIpv4(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text);
}

function hostFault(host: string): string | undefined {
  if (parseAddress(host) !== undefined || isDnsName(host)) return undefined;
  return `${JSON.stringify(host)} is neither an IPv6 address nor a host name`;
}

/** Only what both a browser and our agent take for the same host. */
function urlFault(url: string, ipv4: boolean): string | undefined {
  const match = /^https?:\/\/(?:\[([^\]]+)\]|([^/:?#@[\]]+))(?::\d{1,5})?(?:[/?][!-~]*)?$/.exec(url);
  if (match === null) return `${JSON.stringify(url)} is no http or https URL`;
  const [, literal, host = ""] = match;
  if (literal !== undefined)
    return parseAddress(literal) !== undefined && !ipv4
      ? undefined
      : `${JSON.stringify(url)}: ${ipv4 ? "a page with IPv4 only has no IPv6 address" : "not an IPv6 address"}`;
  if (isIpv4(host))
    return ipv4
      ? undefined
      : `${JSON.stringify(url)} has an IPv4 address; pages of IPv4 stand under translated`;
  return isDnsName(host) ? undefined : `${JSON.stringify(host)} is no host name`;
}
