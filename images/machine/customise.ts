import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Architecture } from "../packages/architecture.ts";
import { inRoot } from "./base.ts";
import { bootTexts, rootTexts, type TextFile } from "./boot-files.ts";
import { MachineError } from "./error.ts";
import { BOOT_FOLDER, type Kind, UNITS_OFF } from "./kinds.ts";

export interface CustomiseOptions {
  readonly kind: Kind;
  readonly architecture: Architecture;
  /** The base, unpacked. */
  readonly root: string;
  /** The package of the agent. */
  readonly agent: string;
  readonly epochS: number;
}

/** Makes ours of a Debian: the agent, and what is not to be the same on every machine taken out. Throws MachineError. */
export async function customise({ kind, root, agent, epochS }: CustomiseOptions): Promise<void> {
  const policy = join(root, "usr/sbin/policy-rc.d");
  writeFileSync(policy, "#!/bin/sh\nexit 101\n");
  chmodSync(policy, 0o755);
  const inside = join(root, "root", basename(agent));
  copyFileSync(agent, inside);
  await inRoot(root, epochS, "dpkg", "--force-unsafe-io", "--install", `/root/${basename(agent)}`);
  rmSync(inside);
  rmSync(policy);
  writeTexts(root, rootTexts(kind));
  for (const unit of UNITS_OFF)
    for (const link of globSync(join(root, "etc/systemd/system/*.{wants,requires}", unit))) rmSync(link);
  symlinkSync(
    "/etc/systemd/system/vsix-agent-cache.service",
    join(root, "etc/systemd/system/multi-user.target.wants/vsix-agent-cache.service"),
  );
  for (const pattern of FORGOTTEN)
    for (const path of globSync(join(root, pattern))) rmSync(path, { recursive: true, force: true });
  // Names are asked of systemd-resolved.
  symlinkSync("../run/systemd/resolve/stub-resolv.conf", join(root, "etc/resolv.conf"));
  // systemd fills it at the first boot; missing, units of a first boot would be enabled anew.
  writeFileSync(join(root, "etc/machine-id"), "");
  mkdirSync(join(root, BOOT_FOLDER), { recursive: true });
}

/** Of one machine, of the machine that built, or different each time. */
const FORGOTTEN = [
  "etc/apt/sources.list",
  "etc/apt/sources.list.d/*",
  "var/lib/apt/lists/*",
  "var/cache/apt/*.bin",
  "var/cache/apt/archives/*.deb",
  "var/cache/debconf/*-old",
  "var/cache/ldconfig/aux-cache",
  "var/lib/dpkg/*-old",
  "var/lib/systemd/random-seed",
  "var/lib/dbus/machine-id",
  "var/log/*.log",
  "var/log/apt/*",
  "etc/hostname",
  "etc/resolv.conf",
  "etc/ssh/ssh_host_*",
  "etc/*-",
  "root/.bash_history",
  // V8 compiles to what differs each time and fits one processor; vsix-agent-cache.service makes it.
  "var/cache/vsix-agent",
  // Its hook would write config.txt anew; ours does what is left (boot-files.ts). A conffile that is gone stays so.
  "etc/kernel/post*.d/z50-raspi-firmware",
  "etc/initramfs/post-update.d/z50-raspi-firmware",
] as const;

/** Fills a folder with what goes onto the boot partition. */
export function bootFiles(kind: Kind, architecture: Architecture, root: string, into: string): void {
  const [version, ...others] = readdirSync(join(root, "lib/modules"));
  if (version === undefined || others.length > 0)
    throw new MachineError("machine-tool", `one kernel is wanted in an image, not ${others.length + 1}`);
  mkdirSync(into, { recursive: true });
  const copy = (from: string, to: string): void => {
    mkdirSync(dirname(join(into, to)), { recursive: true });
    copyFileSync(join(root, from), join(into, to));
  };
  copy(`boot/vmlinuz-${version}`, "vmlinuz");
  copy(`boot/initrd.img-${version}`, "initrd.img");
  if (kind.name === "pi") {
    // With overlays of device trees, a folder.
    cpSync(join(root, "usr/lib/raspi-firmware"), into, { recursive: true });
    const trees = `usr/lib/linux-image-${version}/broadcom`;
    for (const name of readdirSync(join(root, trees)))
      if (/rpi.*\.dtb$/.test(name)) copy(`${trees}/${name}`, name);
  } else {
    const [from, to] = architecture === "amd64" ? ["x64", "X64"] : ["aa64", "AA64"];
    copy(`usr/lib/systemd/boot/efi/systemd-boot${from}.efi`, `EFI/BOOT/BOOT${to}.EFI`);
  }
  writeTexts(into, bootTexts(kind, architecture));
  // On the boot partition is what boots; a copy in the root file system is made when a kernel is upgraded.
  if (existsSync(join(root, "boot/initrd.img"))) rmSync(join(root, "boot/initrd.img"));
}

function writeTexts(below: string, texts: readonly TextFile[]): void {
  for (const { path, mode, text } of texts) {
    const file = join(below, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  }
}
