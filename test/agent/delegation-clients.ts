import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** DHCPv6 clients that nobody here wrote, on a home router whose tunnel is `home` and whose LAN is `lan0`. */

export interface ClientProgram {
  readonly name: string;
  /** Files by name, in a directory of the client's own. */
  readonly files: Readonly<Record<string, string>>;
  /** Bash, in the router's namespace and a mount namespace of its own; `$1` is that directory. */
  readonly script: string;
}

/** Where Debian's have their state: one for each router, though the file system is the same. */
const own = (...folders: readonly string[]): string =>
  folders.map((folder) => `mkdir -p ${folder}\nmount -t tmpfs none ${folder}`).join("\n");

export const WIDE: ClientProgram = {
  name: "wide-dhcpv6-client",
  files: {
    "dhcp6c.conf": `interface home { send ia-pd 0; };
id-assoc pd 0 { prefix-interface lan0 { sla-id 1; sla-len 4; }; };
`,
  },
  script: `${own("/var/lib/dhcpv6")}
exec dhcp6c -f -D -c $1/dhcp6c.conf -p $1/dhcp6c.pid home`,
};

export const DHCPCD: ClientProgram = {
  name: "dhcpcd",
  files: {
    "dhcpcd.conf": `ipv6only
noipv6rs
duid
script /bin/true
allowinterfaces home lan0
interface home
  iaid 1
  ia_pd 1 lan0/1/64
`,
  },
  script: `${own("/var/lib/dhcpcd", "/run/dhcpcd")}
mount -o remount,ro /sys
exec dhcpcd -B -d -f $1/dhcpcd.conf home lan0`,
};

export const NETWORKD: ClientProgram = {
  name: "systemd-networkd",
  files: {
    "home.network": `[Match]
Name=home
[Network]
LinkLocalAddressing=ipv6
IPv6AcceptRA=no
DHCP=ipv6
[DHCPv6]
WithoutRA=solicit
PrefixDelegationHint=::/60
`,
    "lan.network": `[Match]
Name=lan0
[Network]
LinkLocalAddressing=ipv6
IPv6AcceptRA=no
DHCPPrefixDelegation=yes
[DHCPPrefixDelegation]
UplinkInterface=home
SubnetId=1
`,
  },
  // A read-only /sys is how it knows that nobody will tell it of devices: there is no udev here.
  script: `${own("/run/systemd")}
mkdir -p /run/systemd/network && cp $1/*.network /run/systemd/network/
mkdir -p /run/systemd/netif && chown -R systemd-network /run/systemd/netif
mount -o remount,ro /sys
export SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console
exec /lib/systemd/systemd-networkd`,
};

export class HomeClient {
  log = "";
  readonly #namespace: string;

  constructor(namespace: string, directory: string, { name, files, script }: ClientProgram) {
    this.#namespace = namespace;
    const place = join(directory, `${namespace}-${name}`);
    mkdirSync(place, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text);
    const child = spawn("ip", ["netns", "exec", namespace, "bash", "-ec", script, name, place], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        this.log = (this.log + String(chunk)).slice(-20_000);
      });
  }

  /** As if somebody had pulled the plug, with all processes that it has: nothing is released. */
  kill(): void {
    const { stdout } = spawnSync("ip", ["netns", "pids", this.#namespace], { encoding: "utf8" });
    for (const pid of stdout.split("\n").filter(Boolean).map(Number))
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended with the others.
      }
  }
}
