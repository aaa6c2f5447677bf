import type { HealthCommandFile } from "@vsix/shared/fabric/health-schema.ts";

/**
 * On a machine that nobody has told anything: hosts that have been on the Internet for many years, of whom it is known
 * whether they have IPv6. All by name.
 */
export const PUBLIC_HOSTS: HealthCommandFile = {
  targets: { wide: "www.wide.ad.jp", iij: "www.iij.ad.jp" },
  signed: "www.iana.org",
  web: { wide: "http://www.wide.ad.jp/", iana: "https://www.iana.org/" },
  translated: { "ipv4.google.com": "http://ipv4.google.com/" },
};
