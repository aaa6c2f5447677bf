import assert from "node:assert/strict";
import { test } from "node:test";
import { bootTexts, commandLine, rootTexts } from "./boot-files.ts";
import { withoutDiversions } from "./deferred.ts";
import { MachineError } from "./error.ts";
import { KIND_NAMES, KINDS, packagesOf } from "./kinds.ts";
import { identitiesOf, layoutOf } from "./layout.ts";
import { mirrorsOf, sourceLines } from "./mirrors.ts";
import { mustHave, requirements } from "./requirements.ts";
import { imageSbom, installed } from "./sbom.ts";

const MIB = 1 << 20;
const DIGEST = "0123456789abcdef".repeat(4);

test("partitions follow each other, begin at whole mebibytes and end with the disk; the table says the same in sectors", () => {
  for (const name of KIND_NAMES) {
    const { octets, boot, root, table } = layoutOf(KINDS[name], 0x1234);
    assert.equal(boot.startOctets, 4 * MIB);
    assert.equal(root.startOctets, boot.startOctets + boot.octets);
    assert.equal(root.startOctets + root.octets, octets);
    assert.ok(octets <= 2.5e9, "unpacked under 2.5 GB");
    assert.match(table, /^label: dos\nlabel-id: 0x00001234\n/);
    assert.ok(table.includes(`start=8192, size=${boot.octets / 512}, type=${name === "pi" ? "c" : "ef"}`));
    assert.ok(table.includes(`start=${root.startOctets / 512}, size=${root.octets / 512}, type=83`));
  }
});

test("identities of file systems are those of the content: the same for the same, well formed, never none", () => {
  assert.deepEqual(identitiesOf(DIGEST), identitiesOf(DIGEST));
  const { rootUuid, bootVolume, diskId } = identitiesOf(DIGEST);
  assert.match(rootUuid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(bootVolume, /^[0-9a-f]{8}$/);
  assert.ok(diskId > 0 && diskId < 2 ** 32);
  assert.equal(identitiesOf("0".repeat(64)).diskId, 1);
});

test("an image has a kernel of its architecture, all that a seed asks for, and each package once", () => {
  const router = packagesOf(KINDS.router, "amd64");
  assert.equal(new Set(router).size, router.length);
  for (const name of [
    "linux-image-amd64",
    "cloud-init",
    "gobgpd",
    "unbound",
    "tayga",
    "kea-dhcp6-server",
    "wireguard-tools",
  ])
    assert.ok(router.includes(name), name);
  assert.ok(!router.includes("linux-image-arm64"));
  const pi = packagesOf(KINDS.pi, "arm64");
  for (const name of [
    "linux-image-arm64",
    "raspi-firmware",
    "firmware-brcm80211",
    "hostapd",
    "wpasupplicant",
    "iw",
    "nftables",
  ])
    assert.ok(pi.includes(name), name);
});

test("every boot loader is told the same kernel, initrd and root; the boot partition is mounted for root alone", () => {
  const amd64 = bootTexts(KINDS.router, "amd64");
  const line = commandLine(KINDS.router, "amd64");
  assert.match(line, /^root=LABEL=vsix-root .*console=ttyS0,115200/);
  for (const path of ["loader/entries/vsix.conf", "syslinux.cfg"])
    assert.ok(amd64.find((file) => file.path === path)?.text.includes(line), path);
  assert.ok(!bootTexts(KINDS.router, "arm64").some(({ path }) => path === "syslinux.cfg"));
  const pi = bootTexts(KINDS.pi, "arm64");
  assert.match(
    pi.find(({ path }) => path === "config.txt")?.text ?? "",
    /\nkernel=vmlinuz\ninitramfs initrd.img /,
  );
  assert.match(
    pi.find(({ path }) => path === "cmdline.txt")?.text ?? "",
    /^root=LABEL=vsix-root .*rootwait\n$/,
  );
  for (const kind of Object.values(KINDS)) {
    const texts = rootTexts(kind);
    const of = (path: string): string => texts.find((file) => file.path === path)?.text ?? "";
    assert.match(
      of("etc/fstab"),
      new RegExp(`^LABEL=${kind.bootLabel} /boot/firmware vfat .*umask=0077`, "m"),
    );
    assert.match(
      of("etc/cloud/cloud.cfg.d/90_vsix.cfg"),
      new RegExp(`fs_label: ${kind.bootLabel.toLowerCase()}`),
    );
    assert.ok(kind.bootLabel.length <= 11, "FAT has eleven characters for it");
  }
});

test("sources of apt are read both ways; Debian's are found, others' and comments are not", () => {
  const modern =
    "Types: deb\n# URIs: http://old.test/debian\nURIs: http://mirror.test/debian/\nSuites: bookworm\n";
  const other = "deb [signed-by=/x.gpg] https://other.test/apt stable main\n";
  const security = "deb http://mirror.test/debian-security bookworm-security main\n";
  assert.deepEqual(mirrorsOf([other, modern, security]), {
    archive: "http://mirror.test/debian",
    security: "http://mirror.test/debian-security",
  });
  const lines = sourceLines(mirrorsOf([modern]), "trixie");
  assert.deepEqual(lines, [
    "deb http://mirror.test/debian trixie main non-free-firmware",
    "deb http://mirror.test/debian trixie-updates main non-free-firmware",
  ]);
  assert.throws(
    () => mirrorsOf([other]),
    (error) => error instanceof MachineError && /--mirror URI/.test(error.message),
  );
});

test("whoever lacks programs is told all of them and the one command that brings them", () => {
  const building = { kind: "pi", architecture: "arm64", format: "raw", here: "amd64" } as const;
  const has = (program: string): boolean => !["mcopy", "qemu-aarch64-static"].includes(program);
  assert.throws(() => mustHave(requirements(building), has), {
    code: "machine-missing",
    message: "not installed here: mcopy, qemu-aarch64-static. Run: apt-get install mtools qemu-user-static",
  });
  mustHave(requirements(building), () => true);
  const own = requirements({ ...building, kind: "router", architecture: "amd64", format: "qcow2" });
  assert.ok(
    own.some(([program]) => program === "qemu-img") && own.some(([, name]) => name === "syslinux-common"),
  );
  assert.ok(!own.some(([program]) => program.startsWith("qemu-aarch64")));
});

test("diversions of the build go, those of packages stay", () => {
  const theirs = "/bin/a\n/bin/a.usr-is-merged\nbash\n";
  const ours = "/usr/sbin/depmod\n/usr/sbin/depmod.distrib\n:\n";
  assert.equal(withoutDiversions(ours + theirs + ours), theirs);
  assert.equal(withoutDiversions(ours), "");
});

test("an SBOM names what is installed, with source packages, and nothing that was removed", () => {
  const status = [
    "Package: zlib1g\nStatus: install ok installed\nArchitecture: arm64\nSource: zlib (1:1.3)\nVersion: 1:1.3-1\n",
    "Package: gone\nStatus: deinstall ok config-files\nArchitecture: arm64\nVersion: 1\n",
    "Package: vsix-agent\nStatus: install ok installed\nArchitecture: arm64\nVersion: 0.1.0\nDescription: x\n y\n",
  ].join("\n");
  const packages = installed(status);
  assert.deepEqual(
    packages.map(({ name }) => name),
    ["vsix-agent", "zlib1g"],
  );
  const about = {
    name: "vsix-pi",
    version: "0.1.0",
    architecture: "arm64",
    suite: "trixie",
    epochS: 0,
    sha256: DIGEST,
  } as const;
  const document = JSON.parse(imageSbom({ ...about, packages })) as { components: { purl: string }[] };
  assert.deepEqual(
    document.components.map(({ purl }) => purl),
    ["pkg:deb/vsix/vsix-agent@0.1.0?arch=arm64", "pkg:deb/debian/zlib1g@1%3A1.3-1?arch=arm64&distro=trixie"],
  );
});
