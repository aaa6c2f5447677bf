/** Names of what reads a set-up: the same in every language. */
export const FORMAT_NAMES = {
  "wg-quick": "WireGuard / wg-quick",
  networkd: "systemd-networkd",
  "network-manager": "NetworkManager",
  "router-os": "MikroTik RouterOS 7",
  "open-wrt": "OpenWrt",
  "ios-xe": "Cisco IOS XE",
  iproute2: "Linux, SRv6 (iproute2)",
  "vsix-pi": "vSIX Pi (Raspberry Pi)",
} as const;
