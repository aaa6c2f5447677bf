import type { Architecture } from "../packages/architecture.ts";

export const KIND_NAMES = ["router", "pi"] as const;
export type KindName = (typeof KIND_NAMES)[number];
export const FORMATS = ["qcow2", "raw"] as const;
export type Format = (typeof FORMATS)[number];

/** One kind of image: what differs between them. */
export interface Kind {
  readonly name: KindName;
  readonly architectures: readonly Architecture[];
  /** What is written unless told. */
  readonly format: Format;
  /** Of the boot partition: where cloud-init looks for its seed (NoCloud, `fs_label`). */
  readonly bootLabel: string;
  readonly bootMiB: number;
  /** Of the whole image; the first boot makes it as large as the disk. */
  readonly diskMiB: number;
  /** Kernel command line, without `root`. */
  readonly commandLine: (architecture: Architecture) => string;
  /** What its initial RAM disk has, for a root file system to be found; undefined: whatever Debian thinks of, for any machine. */
  readonly modules: (architecture: Architecture) => readonly string[] | undefined;
  /** Beside {@link COMMON_PACKAGES}. */
  readonly packages: (architecture: Architecture) => readonly string[];
}

/** Release of Debian that images are made of. */
export const SUITE = "trixie";
export const ROOT_LABEL = "vsix-root";
/** Where the boot partition is mounted; a name that raspi-firmware knows. */
export const BOOT_FOLDER = "/boot/firmware";

/** What each machine has, without recommendations of packages. Everything that a seed of vsix-pi asks for is there: a first boot needs no archive. */
export const COMMON_PACKAGES: readonly string[] = [
  ...[
    "systemd-sysv",
    "systemd-resolved",
    "systemd-timesyncd",
    "dbus",
    "udev",
    "kmod",
    "initramfs-tools",
    "zstd",
  ],
  ...["cloud-init", "cloud-guest-utils", "netplan.io", "openssh-server", "sudo", "ca-certificates", "tzdata"],
  ...["iproute2", "iputils-ping", "nftables", "procps", "e2fsprogs", "fdisk", "dosfstools", "debconf"],
  ...["unattended-upgrades", "ssh-import-id", "wireguard-tools"],
  // The agent's.
  ...["gobgpd", "init-system-helpers", "libc6", "libgcc-s1", "libstdc++6", "publicsuffix"],
];

const KERNEL: Readonly<Record<Architecture, string>> = {
  amd64: "linux-image-amd64",
  arm64: "linux-image-arm64",
};
const CONSOLE: Readonly<Record<Architecture, string>> = { amd64: "ttyS0,115200", arm64: "ttyAMA0,115200" };

/** Their units are off: the agent runs the programs, with configurations of its own. */
export const UNITS_OFF: readonly string[] = [
  "gobgpd",
  "kea-dhcp6-server",
  "unbound",
  "unbound-resolvconf",
  "tayga",
  "hostapd",
  "wpa_supplicant",
].map((name) => `${name}.service`);

/** Disks of virtual machines; the image of a Pi has them to be proved in one. */
const VIRTUAL = [
  "virtio_blk",
  "virtio_scsi",
  "virtio_pci",
  "virtio_mmio",
  "sd_mod",
  "ext4",
  "vfat",
  "nls_cp437",
  "nls_ascii",
];

export const KINDS: Readonly<Record<KindName, Kind>> = {
  router: {
    name: "router",
    architectures: ["amd64", "arm64"],
    format: "qcow2",
    bootLabel: "CIDATA",
    bootMiB: 256,
    diskMiB: 2048,
    // Choosing among all of Debian's takes a minute where they run, and a quarter of an hour by qemu-user.
    modules: (architecture) =>
      architecture === "amd64" ? undefined : [...VIRTUAL, "nvme", "ahci", "usb_storage", "uas", "xhci_pci"],
    commandLine: (architecture) => `console=tty0 console=${CONSOLE[architecture]}`,
    packages: (architecture) => [
      KERNEL[architecture],
      "systemd-boot-efi",
      "kea-dhcp6-server",
      "unbound",
      "tayga",
    ],
  },
  pi: {
    name: "pi",
    architectures: ["arm64"],
    format: "raw",
    bootLabel: "SYSTEM-BOOT",
    bootMiB: 256,
    diskMiB: 2048,
    // Cards of boards 3 and 4, disks by USB, and what they need for power and clocks; those of board 5 are not in this kernel.
    modules: () => [
      ...VIRTUAL,
      ...[
        "mmc_block",
        "sdhci_iproc",
        "bcm2835",
        "usb_storage",
        "uas",
        "xhci_pci",
        "dwc2",
        "phy_generic",
        "nvme",
      ],
      ...[
        "clk_raspberrypi",
        "raspberrypi_cpufreq",
        "gpio_raspberrypi_exp",
        "gpio_regulator",
        "fixed",
        "bcm2835_wdt",
      ],
      ...[
        "reset_raspberrypi",
        "pcie_brcmstb",
        "reset_brcmstb_rescal",
        "i2c_brcmstb",
        "bcm2835_thermal",
        "nvmem_rmem",
      ],
    ],
    // serial0 is the firmware's word for whichever UART is on the pins. eth0 and wlan0 are what people write in their files.
    commandLine: () => "console=tty1 console=serial0,115200 net.ifnames=0 rootwait",
    packages: (architecture) => [
      KERNEL[architecture],
      "raspi-firmware",
      "firmware-brcm80211",
      "wireless-regdb",
      "hostapd",
      "iw",
      "rfkill",
      "wpasupplicant",
    ],
  },
};

/** All packages of an image, each once, in order. */
export function packagesOf(kind: Kind, architecture: Architecture): readonly string[] {
  return [...new Set([...COMMON_PACKAGES, ...kind.packages(architecture)])].sort();
}
