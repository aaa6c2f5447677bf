/** Where things are on a machine that was set up by one of these files. */
export const LAN = "lan0";
export const WIFI_DEVICE = "wlan0";
export const CONFIG = "/etc/vsix/agent.json";
export const CLAIM = "/etc/vsix/claim";
export const STATE = "/var/lib/vsix/agent";
export const IDENTITY = "/var/lib/vsix/identity";
export const GOBGP_SOCKET = "/run/gobgp/api.sock";
export const AGENT = "/usr/bin/vsix-agent";
/** The boot partition of Raspberry Pi images, where NoCloud's files lie. */
export const SEED_FILE = "/boot/firmware/user-data";
export const USED_SEED = "/etc/vsix/user-data.used";
