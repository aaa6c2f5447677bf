const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
/** wg-quick(8); whatever else there is, a shell would run as root or it names other files. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  Interface: ["PrivateKey", "Address", "DNS", "MTU", "ListenPort"],
  Peer: ["PublicKey", "PresharedKey", "Endpoint", "AllowedIPs", "PersistentKeepalive"],
};

/** Why a text is no configuration of wg-quick(8) that we would start; nothing of what it holds is repeated but names of keys. */
export function wgQuickFault(text: string): string | undefined {
  const made = "write what `vsixctl vpn config` prints, with the PrivateKey of `vsixctl vpn keygen` in it";
  const seen = new Map<string, string>();
  let section = "";
  for (const [i, raw] of text.split("\n").entries()) {
    const line = raw.replace(/#.*$/, "").trim();
    if (line === "") continue;
    const head = /^\[(Interface|Peer)\]$/.exec(line)?.[1];
    if (head !== undefined) {
      section = head;
      continue;
    }
    const [, key = "", value = ""] = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (KNOWN[section]?.includes(key) !== true) {
      const name = /^[A-Za-z]{1,32}$/.test(key) ? `\`${key}\`` : "something";
      return `line ${i + 1} of this configuration has ${name} that does not belong there; ${made}`;
    }
    seen.set(`${section}.${key}`, value);
  }
  for (const key of ["Interface.PrivateKey", "Peer.PublicKey"])
    if (!KEY.test(seen.get(key) ?? ""))
      return `it lacks \`${key.split(".")[1]}\`, or that is no key; ${made}`;
  for (const key of ["Interface.Address", "Peer.Endpoint", "Peer.AllowedIPs"])
    if (!seen.has(key)) return `it lacks \`${key.split(".")[1]}\`; ${made}`;
  return undefined;
}
