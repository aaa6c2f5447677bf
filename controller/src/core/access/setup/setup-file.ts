/** One file of a set-up, or one text to paste into a router, whole. */
export interface SetupFile {
  /** Where it belongs, or under what name it is imported. */
  readonly path: string;
  /** `0600` wherever there is a secret in it, `0640` where its reader is no root. */
  readonly mode: "0600" | "0640" | "0644" | "0755";
  readonly text: string;
}

/** What a router at the far end of a tunnel (IP6IP6, RFC 2473, or SRv6 access, which is the same on the wire) has to be told. */
export interface TunnelSettings {
  readonly application: number;
  /** The router's own address. */
  readonly local: string;
  readonly remote: string;
  readonly mtu: number;
  readonly hopLimit: number;
  /** Prefixes are told within the tunnel by DHCPv6 too (RFC 8415). */
  readonly delegation: boolean;
  readonly prefixes: readonly string[];
  readonly resolvers: readonly string[];
}

/** What only the user knows of his router: the device that hosts are behind. */
export interface TunnelPlace {
  readonly lan: string;
}

/** Name of a network device as routers of any make here take it; nothing of it means anything to a file or a shell. */
export const DEVICE_NAME = "[A-Za-z0-9][A-Za-z0-9._\\/\\-]{0,31}";

/** Whether a text is such a name. */
export function isDeviceName(text: string): boolean {
  return new RegExp(`^${DEVICE_NAME}$`).test(text);
}

/** Of the table and the rules that lead what comes from the prefixes into the tunnel, and nothing else. */
export const TABLE = 4690;
/** Of IPv6 and TCP headers without options, octets: what is between an MTU and the largest segment. */
export const HEADERS = 60;

/** Lines of a file; undefined ones are left out. */
export function lines(...all: readonly (string | undefined)[]): string {
  return `${all.filter((line) => line !== undefined).join("\n")}\n`;
}

/** What stands at the beginning of every file. */
export function headline(service: "tunnel" | "remote access VPN", application: number): string {
  return `vSIX ${service}, application ${application}`;
}
