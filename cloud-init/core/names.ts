/** Where things are on a machine that was set up by one of these files; what our packages have, as they have it (images/packages/files). */
export const LAN = "lan0";
export const WIFI_DEVICE = "wlan0";
export const CONFIG = "/etc/vsix/agent.json";
export const CLAIM = "/etc/vsix/claim";
export const STATE = "/var/lib/vsix/agent";
export const IDENTITY = "/var/lib/vsix/agent/identity";
/** What the last look at health found, for the status page. */
export const LAST_HEALTH = "/run/vsix-health/last.json";
export const GOBGP_SOCKET = "/run/vsix-gobgpd/api.sock";
export const AGENT = "/usr/bin/vsix-agent";
/** The boot partition of Raspberry Pi images, where NoCloud's files lie. */
export const BOOT = "/boot/firmware";
export const SEED_FILE = `${BOOT}/user-data`;
export const USED_SEED = "/etc/vsix/user-data.used";
/** Whom the package's units run as. */
export const USER = "vsix-agent";
