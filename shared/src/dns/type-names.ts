/** Names of record types, RCODEs and opcodes as people write them (IANA DNS parameters); numbers as TYPE1234 (RFC 3597). */

const TYPES: ReadonlyMap<number, string> = new Map([
  [1, "A"],
  [2, "NS"],
  [5, "CNAME"],
  [6, "SOA"],
  [12, "PTR"],
  [13, "HINFO"],
  [15, "MX"],
  [16, "TXT"],
  [17, "RP"],
  [28, "AAAA"],
  [29, "LOC"],
  [33, "SRV"],
  [35, "NAPTR"],
  [37, "CERT"],
  [39, "DNAME"],
  [41, "OPT"],
  [43, "DS"],
  [44, "SSHFP"],
  [46, "RRSIG"],
  [47, "NSEC"],
  [48, "DNSKEY"],
  [50, "NSEC3"],
  [51, "NSEC3PARAM"],
  [52, "TLSA"],
  [59, "CDS"],
  [60, "CDNSKEY"],
  [61, "OPENPGPKEY"],
  [62, "CSYNC"],
  [64, "SVCB"],
  [65, "HTTPS"],
  [99, "SPF"],
  [249, "TKEY"],
  [250, "TSIG"],
  [251, "IXFR"],
  [252, "AXFR"],
  [255, "ANY"],
  [256, "URI"],
  [257, "CAA"],
]);
const NUMBERS: ReadonlyMap<string, number> = new Map([...TYPES].map(([number, name]) => [name, number]));

const RCODES = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];

export function typeName(type: number): string {
  return TYPES.get(type) ?? `TYPE${type}`;
}

/** The number of a type by name, in any case, or as TYPE1234; undefined if it is none. */
export function typeNumber(text: string): number | undefined {
  const name = text.toUpperCase();
  const known = NUMBERS.get(name);
  if (known !== undefined) return known;
  const digits = /^TYPE(\d{1,5})$/.exec(name)?.[1];
  return digits !== undefined && Number(digits) <= 65_535 ? Number(digits) : undefined;
}

export function rcodeName(rcode: number): string {
  return RCODES[rcode] ?? (rcode === 16 ? "BADVERS" : `RCODE${rcode}`);
}
