import { formatAddress } from "../net/address.ts";
import { TYPE } from "./model.ts";
import { formatName, nameLength } from "./name.ts";

/** Parameters of SVCB and HTTPS (RFC 9460 section 14.3.2). */
const SVC_PARAMS = [
  "mandatory",
  "alpn",
  "no-default-alpn",
  "port",
  "ipv4hint",
  "ech",
  "ipv6hint",
  "dohpath",
  "ohttp",
];

/** An address of 4 or 16 octets as text; anything else in hexadecimal. */
export function formatIp(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  return address.length === 16 ? formatAddress(address) : hex(address);
}

/**
 * Rdata as a zone file has it for the types that clients ask for, `\# LENGTH HEX` (RFC 3597 section 5) for all others and for
 * what does not fit its type.
 */
export function formatRdata(type: number, rdata: Uint8Array): string {
  return known(type, rdata) ?? `\\# ${rdata.length}${rdata.length === 0 ? "" : ` ${hex(rdata)}`}`;
}

function known(type: number, rdata: Uint8Array): string | undefined {
  switch (type) {
    case TYPE.A:
      return rdata.length === 4 ? formatIp(rdata) : undefined;
    case TYPE.AAAA:
      return rdata.length === 16 ? formatIp(rdata) : undefined;
    case TYPE.CNAME:
    case TYPE.DNAME:
    case TYPE.NS:
    case TYPE.PTR:
      return nameLength(rdata, 0) === rdata.length ? formatName(rdata) : undefined;
    case TYPE.MX:
      return numbersAndName(rdata, 1);
    case TYPE.SRV:
      return numbersAndName(rdata, 3);
    case TYPE.TXT:
      return texts(rdata);
    case TYPE.SVCB:
    case TYPE.HTTPS:
      return service(rdata);
    default:
      return undefined;
  }
}

function numbersAndName(rdata: Uint8Array, count: number): string | undefined {
  const at = count * 2;
  if (nameLength(rdata, at) !== rdata.length - at) return undefined;
  return [...Array.from({ length: count }, (_, i) => word(rdata, i * 2)), formatName(rdata, at)].join(" ");
}

function texts(rdata: Uint8Array): string | undefined {
  const parts: string[] = [];
  for (let at = 0; at < rdata.length; ) {
    const end = at + 1 + (rdata[at] ?? 0);
    if (end > rdata.length) return undefined;
    parts.push(quoted(rdata.subarray(at + 1, end)));
    at = end;
  }
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** RFC 9460 section 2.1. */
function service(rdata: Uint8Array): string | undefined {
  const target = nameLength(rdata, 2);
  if (target < 0) return undefined;
  const parts = [String(word(rdata, 0)), formatName(rdata, 2)];
  for (let at = 2 + target; at < rdata.length; ) {
    const end = at + 4 + word(rdata, at + 2);
    if (at + 4 > rdata.length || end > rdata.length) return undefined;
    const key = word(rdata, at);
    const value = parameter(key, rdata.subarray(at + 4, end));
    parts.push(`${SVC_PARAMS[key] ?? `key${key}`}${value === "" ? "" : `=${value}`}`);
    at = end;
  }
  return parts.join(" ");
}

function parameter(key: number, value: Uint8Array): string {
  const each = (octets: number): string | undefined =>
    value.length % octets !== 0
      ? undefined
      : Array.from({ length: value.length / octets }, (_, i) =>
          formatIp(value.subarray(i * octets, (i + 1) * octets)),
        ).join(",");
  if (key === 1) {
    const names: string[] = [];
    for (let at = 0; at < value.length; at += 1 + (value[at] ?? 0)) {
      names.push(quoted(value.subarray(at + 1, at + 1 + (value[at] ?? 0))).slice(1, -1));
    }
    return names.join(",");
  }
  if (key === 3 && value.length === 2) return String(word(value, 0));
  if (key === 4) return each(4) ?? hex(value);
  if (key === 6) return each(16) ?? hex(value);
  return hex(value);
}

function quoted(octets: Uint8Array): string {
  let text = '"';
  for (const octet of octets) {
    if (octet === 34 || octet === 92) text += `\\${String.fromCharCode(octet)}`;
    else if (octet < 32 || octet > 126) text += `\\${String(octet).padStart(3, "0")}`;
    else text += String.fromCharCode(octet);
  }
  return `${text}"`;
}

function hex(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return text;
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
