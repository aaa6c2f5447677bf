/** What a file of wg-quick(8) is made of. */
export interface WgQuickWish {
  readonly application: number;
  readonly endpoint: string;
  readonly port: number;
  /** Of the routers. */
  readonly publicKey: string;
  readonly presharedKey: string;
  readonly addresses: readonly string[];
  readonly mtu: number;
  readonly resolvers: readonly string[];
  /** Of the device; undefined: whoever takes the file fills it in. */
  readonly privateKey?: string;
  /** Seconds; undefined: none. */
  readonly keepaliveS?: number;
}

/** Where the far end is heard, as every reader of WireGuard configurations wants it. */
export function hostAndPort({ endpoint, port }: Pick<WgQuickWish, "endpoint" | "port">): string {
  return `${endpoint.includes(":") ? `[${endpoint}]` : endpoint}:${port}`;
}

/** Configuration for wg-quick(8), with or without the device's private key. */
export function wgQuick(wish: WgQuickWish): string {
  const { application, publicKey, presharedKey, addresses, mtu, resolvers } = wish;
  return [
    `# vSIX remote access VPN, application ${application}. Keep this file to yourself (mode 0600).`,
    "[Interface]",
    wish.privateKey === undefined
      ? "# PrivateKey = the device's own: the file that `vsixctl vpn keygen` made"
      : `PrivateKey = ${wish.privateKey}`,
    ...addresses.map((address) => `Address = ${address}`),
    ...(resolvers.length === 0 ? [] : [`DNS = ${resolvers.join(", ")}`]),
    `MTU = ${mtu}`,
    "",
    "[Peer]",
    `PublicKey = ${publicKey}`,
    `PresharedKey = ${presharedKey}`,
    `Endpoint = ${hostAndPort(wish)}`,
    "AllowedIPs = ::/0",
    ...(wish.keepaliveS === undefined ? [] : [`PersistentKeepalive = ${wish.keepaliveS}`]),
    "",
  ].join("\n");
}
