import { readFileSync } from "node:fs";
import { formatIp6 } from "../wire/netlink/ip-text.ts";

/** IFA_F_TENTATIVE, linux/if_addr.h: duplicate address detection is not over. IFA_F_DADFAILED: it found one. */
const NOT_YET = 0x40 | 0x08;
/** IPV6_ADDR_LINKLOCAL of scopes in /proc/net/if_inet6. */
const SCOPE_LINK = "20";

/** The link-local address of a device that may be sent from; undefined while it has none. */
export function linkLocalOf(device: string): string | undefined {
  for (const line of readText("/proc/net/if_inet6").split("\n")) {
    const [hex = "", , , scope, flags = "", name] = line.trim().split(/\s+/);
    if (name !== device || scope !== SCOPE_LINK || (Number.parseInt(flags, 16) & NOT_YET) !== 0) continue;
    return formatIp6(Buffer.from(hex, "hex"), 0);
  }
  return undefined;
}

/** The Ethernet address of a device; undefined where it has none. */
export function hardwareOf(device: string): Uint8Array | undefined {
  const text = readText(`/sys/class/net/${device}/address`).trim();
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text) && text !== "00:00:00:00:00:00"
    ? Uint8Array.from(text.split(":"), (octet) => Number.parseInt(octet, 16))
    : undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // a device that has just gone
  }
}
