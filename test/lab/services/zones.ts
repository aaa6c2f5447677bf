/**
 * The name space of labs with services: a root, and below `example.` a name for everything that may happen to a question. One
 * authoritative server (nsd) has all of it. Scenarios and captures take their names from here.
 */

/** Of the authoritative server, in the prefix of the upstream that has it. */
export const AUTHORITY_HOST = "53";
/** Web server of the IPv4 Internet. */
export const WEB4 = "198.51.100.80";
/** The same by an address that 64:ff9b::/96 may stand for (RFC 6052 section 3.1): AS112's (RFC 7535), which is nobody's own. */
export const GLOBAL4 = "192.31.196.80";

export interface ZoneNames {
  /** Has an AAAA record of its own, and an A record. */
  readonly native: string;
  readonly onlyA: string;
  /** The same, with an address that is of the Internet. */
  readonly globalA: string;
  readonly manyA: string;
  /** Exists, with neither A nor AAAA. */
  readonly nodata: string;
  readonly nxdomain: string;
  /** Its server has lost the zone, and says SERVFAIL. */
  readonly servfail: string;
  /** CNAME to CNAME to a name with A only. */
  readonly chainToA: string;
  readonly chainToNative: string;
  /** AAAA record that does not work: `ignoreAaaa` in examples/dns64.yaml. */
  readonly broken: string;
  /** AAAA record in a prefix that counts for none: `excludeAaaa` in examples/dns64.yaml. */
  readonly excluded: string;
  /** AAAA record that is an IPv4-mapped address. */
  readonly mapped: string;
  /** So many A records that the answer needs TCP. */
  readonly large: string;
  /** Anything below it has an AAAA record: questions that no cache has seen. */
  readonly wild: string;
}

export const NAMES: ZoneNames = {
  native: "native.v6.example",
  onlyA: "only-a.v4.example",
  globalA: "global-a.v4.example",
  manyA: "many-a.v4.example",
  nodata: "nodata.example",
  nxdomain: "absent.example",
  servfail: "www.servfail.example",
  chainToA: "alias-a.example",
  chainToNative: "alias-native.example",
  broken: "broken.v6.example",
  excluded: "excluded.v6.example",
  mapped: "mapped.v6.example",
  large: "large.v4.example",
  wild: "wild.example",
};

/** A records of `large`: an answer of over 1,232 octets. */
export const LARGE_COUNT = 90;

/** The root zone and `example.`, as files of nsd. */
export function zoneFiles(authority: string): ReadonlyMap<string, string> {
  const soa = (zone: string) => `${zone} 3600 IN SOA a.root.example. nobody.invalid. 1 3600 1200 604800 60\n`;
  const glue = `a.root.example. 3600 IN AAAA ${authority}\n`;
  const root = `${soa(".")}. 3600 IN NS a.root.example.\n${glue}example. 3600 IN NS a.root.example.\n`;
  const record = (name: string, type: string, data: string): string => `${name}. 30 IN ${type} ${data}\n`;
  const native = authority.replace(/:53$/, ":80");
  const lines = [
    soa("example."),
    "example. 3600 IN NS a.root.example.\n",
    glue,
    record(NAMES.native, "AAAA", native),
    record(NAMES.native, "A", WEB4),
    record(NAMES.onlyA, "A", WEB4),
    record(NAMES.globalA, "A", GLOBAL4),
    record(NAMES.manyA, "A", WEB4),
    record(NAMES.manyA, "A", "198.51.100.81"),
    record(NAMES.manyA, "A", "198.51.100.82"),
    record(NAMES.nodata, "TXT", '"neither A nor AAAA"'),
    "servfail.example. 3600 IN NS a.root.example.\n",
    record(NAMES.chainToA, "CNAME", "hop-a.example."),
    record("hop-a.example", "CNAME", `${NAMES.onlyA}.`),
    record(NAMES.chainToNative, "CNAME", "hop-native.example."),
    record("hop-native.example", "CNAME", `${NAMES.native}.`),
    record(NAMES.broken, "AAAA", "3fff:dead::1"),
    record(NAMES.broken, "A", WEB4),
    record(NAMES.excluded, "AAAA", "3fff:bad::1"),
    record(NAMES.excluded, "A", WEB4),
    record(NAMES.mapped, "AAAA", `::ffff:${WEB4}`),
    record(NAMES.mapped, "A", WEB4),
    ...Array.from({ length: LARGE_COUNT }, (_, i) => record(NAMES.large, "A", `198.51.100.${i + 100}`)),
    record(`*.${NAMES.wild}`, "AAAA", native),
  ];
  return new Map([
    [".", root],
    ["example", lines.join("")],
  ]);
}

/** nsd.conf(5). */
export function nsdConfig(directory: string, authority: string): string {
  // Without its file nsd says SERVFAIL for all that is in the zone.
  const zones = [...zoneFiles(authority).keys(), "servfail.example"].map(
    (zone) => `zone:\n  name: "${zone}"\n  zonefile: "${zoneFileName(zone)}"\n`,
  );
  return `server:
  ip-address: ${authority}
  port: 53
  username: ""
  zonesdir: "${directory}"
  database: ""
  pidfile: ""
  xfrdfile: "${directory}/xfrd.state"
  zonelistfile: "${directory}/zone.list"
  xfrdir: "${directory}"
  hide-version: yes
remote-control:
  control-enable: no
${zones.join("")}`;
}

export function zoneFileName(zone: string): string {
  return zone === "." ? "root.zone" : `${zone}.zone`;
}
