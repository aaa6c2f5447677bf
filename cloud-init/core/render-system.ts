import type { WrittenFile } from "./render.ts";
import type { System, User } from "./words.ts";

/** A pool whose servers have IPv6 addresses; those without the 2 have none (www.ntppool.org). */
const POOL = "2.debian.pool.ntp.org";
const CLOCK = ["systemd-timesyncd.service", "systemd-time-wait-sync.service"];
/** So long TLS waits for the clock; what cannot ask it begins nevertheless, and the agent knows a clock that cannot be right. */
const CLOCK_WAIT_S = 120;

/** Name, people, clock and updates: what every kind of machine has. No password anybody knows, and none over SSH. */
export function systemData(
  { hostname, timezone, users, clock, upgrades }: System,
  packages: readonly string[],
): Readonly<Record<string, unknown>> {
  const automatic = upgrades !== "none";
  return {
    hostname,
    manage_etc_hosts: true,
    ...(timezone === undefined ? {} : { timezone }),
    disable_root: true,
    ssh_pwauth: false,
    users: users.map(userData),
    ntp: {
      enabled: true,
      ntp_client: "systemd-timesyncd",
      ...(clock === undefined ? { pools: [POOL] } : { servers: clock.servers }),
    },
    packages: [
      ...new Set([
        "systemd-timesyncd",
        // Resolvers come by router advertisements, and names of the controller and of clocks by them.
        "systemd-resolved",
        ...packages,
        ...(automatic ? ["unattended-upgrades"] : []),
        ...(users.some(({ githubIds }) => githubIds !== undefined) ? ["ssh-import-id"] : []),
      ]),
    ],
  };
}

function userData({ name, sshKeys, githubIds, passwordHash }: User): Readonly<Record<string, unknown>> {
  return {
    name,
    groups: "adm,sudo,systemd-journal",
    shell: "/bin/bash",
    // Who has a password is asked for it.
    sudo: passwordHash === undefined ? "ALL=(ALL) NOPASSWD:ALL" : "ALL=(ALL) ALL",
    lock_passwd: passwordHash === undefined,
    ...(passwordHash === undefined ? {} : { passwd: passwordHash }),
    ...(sshKeys === undefined || sshKeys.length === 0 ? {} : { ssh_authorized_keys: sshKeys }),
    ...(githubIds === undefined || githubIds.length === 0
      ? {}
      : { ssh_import_id: githubIds.map((id) => `gh:${id}`) }),
  };
}

export const START_SYSTEM: readonly (readonly string[])[] = [
  ["systemctl", "daemon-reload"],
  ["systemctl", "enable", "--now", "--no-block", "systemd-resolved.service", ...CLOCK],
];

export function systemFiles({ upgrades }: System): readonly WrittenFile[] {
  return [
    plain("/etc/systemd/system/systemd-time-wait-sync.service.d/vsix.conf", [
      "[Service]",
      `TimeoutStartSec=${CLOCK_WAIT_S}`,
    ]),
    ...(upgrades === "none"
      ? []
      : [
          plain("/etc/apt/apt.conf.d/20auto-upgrades", [
            'APT::Periodic::Update-Package-Lists "1";',
            'APT::Periodic::Unattended-Upgrade "1";',
          ]),
        ]),
  ];
}

/** A file that everybody may read. */
export function plain(path: string, lines: readonly string[]): WrittenFile {
  return { path, permissions: "0644", owner: "root:root", content: `${lines.join("\n")}\n` };
}

/** A file with a secret in it. */
export function secretFile(path: string, content: string): WrittenFile {
  return { path, permissions: "0600", owner: "root:root", content };
}
