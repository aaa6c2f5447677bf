import type { Architecture } from "../packages/architecture.ts";
import { BOOT_FOLDER, type Kind, ROOT_LABEL } from "./kinds.ts";

/** A text of the image; paths have no slash at their beginning. */
export interface TextFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

const lines = (...all: readonly string[]): string => `${all.join("\n")}\n`;

export const commandLine = (kind: Kind, architecture: Architecture): string =>
  `root=LABEL=${ROOT_LABEL} ro ${kind.commandLine(architecture)}`;

/** Texts of the boot partition beside kernel and initrd, which are called `vmlinuz` and `initrd.img` there. Pure. */
export function bootTexts(kind: Kind, architecture: Architecture): readonly TextFile[] {
  const append = commandLine(kind, architecture);
  if (kind.name === "pi")
    return [
      {
        path: "config.txt",
        mode: 0o644,
        text: lines(
          "# Kernel and device trees are Debian's.",
          "arm_64bit=1",
          "enable_uart=1",
          "upstream_kernel=1",
          "kernel=vmlinuz",
          "initramfs initrd.img followkernel",
        ),
      },
      { path: "cmdline.txt", mode: 0o644, text: lines(append) },
    ];
  return [
    { path: "loader/loader.conf", mode: 0o644, text: lines("timeout 0", "default vsix.conf", "editor no") },
    {
      path: "loader/entries/vsix.conf",
      mode: 0o644,
      text: lines("title vSIX router", "linux /vmlinuz", "initrd /initrd.img", `options ${append}`),
    },
    ...(architecture === "amd64"
      ? [
          {
            path: "syslinux.cfg",
            mode: 0o644,
            text: lines(
              "DEFAULT vsix",
              "PROMPT 0",
              "TIMEOUT 0",
              "LABEL vsix",
              "  LINUX /vmlinuz",
              "  INITRD /initrd.img",
              `  APPEND ${append}`,
            ),
          },
        ]
      : []),
  ];
}

/** Texts of the root file system that make a Debian ours. Pure. */
export function rootTexts(kind: Kind): readonly TextFile[] {
  return [
    {
      path: "etc/fstab",
      mode: 0o644,
      text: lines(
        `LABEL=${ROOT_LABEL} / ext4 defaults,noatime,errors=remount-ro 0 1`,
        // The seed may hold secrets, and FAT has no modes.
        `LABEL=${kind.bootLabel} ${BOOT_FOLDER} vfat defaults,umask=0077 0 2`,
      ),
    },
    {
      path: "etc/cloud/cloud.cfg.d/90_vsix.cfg",
      mode: 0o644,
      text: lines(
        "# A seed is on the boot partition, or on a disk with the same label (cloud-init/README.md).",
        "datasource_list: [NoCloud, None]",
        "datasource:",
        "  NoCloud:",
        `    fs_label: ${kind.bootLabel.toLowerCase()}`,
      ),
    },
    { path: "etc/kernel/postinst.d/zz-vsix-boot", mode: 0o755, text: KERNEL_HOOK },
    { path: "etc/initramfs/post-update.d/zz-vsix-boot", mode: 0o755, text: KERNEL_HOOK },
    {
      path: "etc/systemd/system/vsix-agent-cache.service",
      mode: 0o644,
      text: lines(
        "[Unit]",
        "Description=vSIX: what Node makes of the agent, kept from the first boot on",
        "After=cloud-final.service",
        "ConditionPathExists=!/var/cache/vsix-agent",
        "",
        "[Service]",
        "Type=oneshot",
        "Nice=19",
        "IOSchedulingClass=idle",
        "ExecStart=/var/lib/dpkg/info/vsix-agent.postinst configure",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
      ),
    },
    ...(kind.name === "pi"
      ? [
          {
            path: "etc/default/raspi-firmware",
            mode: 0o644,
            text: lines(
              "# /etc/kernel/postinst.d/zz-vsix-boot copies kernel and initrd; config.txt is ours.",
              "KERNEL=auto",
              `ROOTPART=LABEL=${ROOT_LABEL}`,
            ),
          },
        ]
      : []),
  ];
}

/** A new kernel, or its initrd, goes onto the boot partition: whole files take the place of old ones, and the old pair stays beside. */
const KERNEL_HOOK = `#!/bin/sh
# vSIX: kernel and initrd are read from the boot partition, by fixed names. The pair before stays as vmlinuz.old, initrd.img.old.
set -eu
version=\${1:-}
boot=${BOOT_FOLDER}
[ -n "$version" ] && mountpoint -q "$boot" || exit 0
[ -e "/boot/vmlinuz-$version" ] && [ -e "/boot/initrd.img-$version" ] || exit 0
for pair in "vmlinuz-$version vmlinuz" "initrd.img-$version initrd.img"; do
	from=/boot/\${pair% *} to=$boot/\${pair#* }
	cmp -s "$from" "$to" && continue
	cp "$from" "$to.new"
	sync -f "$to.new"
	[ ! -e "$to" ] || mv -f "$to" "$to.old"
	mv -f "$to.new" "$to"
done
for dtb in "$boot"/*-rpi-*.dtb; do
	new=/usr/lib/linux-image-$version/broadcom/\${dtb##*/}
	[ ! -e "$new" ] || ! [ -e "$dtb" ] || cp "$new" "$dtb"
done
sync -f "$boot"
`;
