import {
  cpSync,
  globSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { ImageConfig } from "../oci/layout.ts";
import type { TarEntry } from "../oci/tar.ts";

/** What is in the image of the path watch, beside Debian's libraries. */

/** Of Debian: what node is linked with, and who it says it is. No shell, no package manager. */
export const DEBIAN_PACKAGES = ["base-files", "libc6", "libgcc-s1", "libstdc++6"] as const;
/** Of what those packages bring, what nothing here uses, and what mmdebstrap copies from this machine; copyrights stay. */
const DEBIAN_UNUSED = [
  ...["dev", "etc/apt", "etc/hostname", "etc/resolv.conf", "etc/fstab", "etc/dpkg", "etc/update-motd.d"],
  ...["var/lib/apt", "var/lib/dpkg", "var/cache/apt", "var/log", "{,usr/}{,s}bin/*", "{,usr/}lib/*/gconv"],
  ...["usr/share/{man,locale,info,lintian,gcc,gdb,doc-base,base-files}"],
  ...["usr/share/doc/*/{examples,FAQ,TODO*,README*,*.gz,*.html}"],
] as const;

/** Takes away what is not needed of Debian's packages. */
export function trim(below: string): void {
  for (const path of DEBIAN_UNUSED.flatMap((pattern) => globSync(pattern, { cwd: below })))
    rmSync(join(below, path), { recursive: true, force: true });
  mkdirSync(join(below, "dev"));
}

/** A folder as Debian has it, as a layer: everything root's, with its modes. */
export function debianLayer(below: string): readonly TarEntry[] {
  return childrenOf(below, "", ({ mode }) => ({ mode: mode & 0o7777 }));
}

/** User and group; no file is theirs but what the watch remembers. */
export const USER = 65532;
const HOME = "opt/vsix";
const STATE = "var/lib/vsix-watch";
const FILES = "etc/vsix-watch";
export const CACHE = "var/cache/vsix-agent";
/** Node as bin/vsix-agent starts it. */
export const NODE_ARGUMENTS = ["--max-semi-space-size=2", `/${HOME}/agent/src/main.ts`, "watch"] as const;
const LAUNCH = "usr/bin/vsix-launch";
const PACKAGES = ["yaml", "@sinclair/typebox"] as const;

export interface Built {
  /** The repository. */
  readonly root: string;
  /** Node without its symbols. */
  readonly node: string;
  /** The compiled launch.c and addon, for the image's architecture. */
  readonly launch: string;
  readonly addon: string;
}

/** Puts our files below a folder that has Debian's already. */
export function stage(below: string, { root, node, launch, addon }: Built): void {
  const put = (from: string, to: string): void => {
    mkdirSync(dirname(join(below, to)), { recursive: true });
    cpSync(from, join(below, to), { recursive: true, verbatimSymlinks: true });
  };
  put(node, "usr/bin/node");
  put(launch, LAUNCH);
  put(addon, `${HOME}/agent/native/build/${addon.split("/").at(-1)}`);
  put(join(root, "LICENSE"), `${HOME}/LICENSE`);
  put(join(root, `node_modules/node-linux-${process.arch}/LICENSE`), "usr/share/doc/node/copyright");
  for (const path of [
    ...sources(root, "agent/src"),
    ...sources(root, "shared/src"),
    ...["agent/native/load.ts", "agent/native/paths.ts", "agent/package.json", "shared/package.json"],
  ])
    put(join(root, path), `${HOME}/${path}`);
  for (const name of PACKAGES) put(join(root, "node_modules", name), `${HOME}/node_modules/${name}`);
  mkdirSync(join(below, HOME, "node_modules/@vsix"), { recursive: true });
  symlinkSync("../../shared", join(below, HOME, "node_modules/@vsix/shared"));
  for (const folder of [STATE, FILES, CACHE]) mkdirSync(join(below, folder), { recursive: true });
  for (const [name, text] of Object.entries(ACCOUNTS)) writeFileSync(join(below, "etc", name), text);
}

const ACCOUNTS = {
  passwd: `root:x:0:0:root:/:/nonexistent\nwatch:x:${USER}:${USER}:vSIX path watch:/:/nonexistent\n`,
  group: `root:x:0:\nwatch:x:${USER}:\n`,
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
} as const;

function sources(root: string, folder: string): readonly string[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root })
    .filter((path) => !path.endsWith(".test.ts"))
    .sort();
}

/** Our own part of a staged folder, as a layer has it: sorted, root's, and only the launcher with a capability. */
export function ownLayer(below: string): readonly TarEntry[] {
  const own = [
    ...["etc/passwd", "etc/group", "etc/nsswitch.conf", "usr/bin/node", LAUNCH, "usr/share/doc/node"],
    ...[HOME, STATE, FILES, CACHE],
  ];
  return own.flatMap((path) => entriesOf(below, path, lookOf));
}

/** What a file is in a layer, whatever it is on the disk. */
type Look = Pick<TarEntry, "mode" | "uid" | "gid" | "xattrs">;

function lookOf(status: Stats, path: string): Look {
  if (path === STATE) return { mode: 0o700, uid: USER, gid: USER };
  if (path === LAUNCH) return { mode: 0o755, xattrs: { "security.capability": NET_RAW_PERMITTED } };
  return { mode: status.isDirectory() || (status.mode & 0o111) !== 0 ? 0o755 : 0o644 };
}

function entriesOf(
  below: string,
  path: string,
  look: (status: Stats, path: string) => Look,
): readonly TarEntry[] {
  const source = join(below, path);
  const status = lstatSync(source);
  if (status.isSymbolicLink()) return [{ kind: "link", path, mode: 0o777, target: readlinkSync(source) }];
  if (!status.isDirectory()) return [{ kind: "disk", path, source, ...look(status, path) }];
  return [{ kind: "directory", path, ...look(status, path) }, ...childrenOf(below, path, look)];
}

function childrenOf(
  below: string,
  path: string,
  look: (status: Stats, path: string) => Look,
): readonly TarEntry[] {
  const names = readdirSync(join(below, path)).sort();
  return names.flatMap((name) => entriesOf(below, path === "" ? name : `${path}/${name}`, look));
}

/** struct vfs_cap_data (linux/capability.h), revision 2, without the effective bit: CAP_NET_RAW (13) may be raised. */
const NET_RAW_PERMITTED = new Uint8Array(20);
new DataView(NET_RAW_PERMITTED.buffer).setUint32(0, 0x02000000, true);
new DataView(NET_RAW_PERMITTED.buffer).setUint32(4, 1 << 13, true);

export function configOf(
  architecture: ImageConfig["architecture"],
  version: string,
  revision: string,
): ImageConfig {
  return {
    architecture,
    user: `${USER}:${USER}`,
    env: [`NODE_COMPILE_CACHE=/${CACHE}`, "PATH=/usr/bin"],
    entrypoint: [`/${LAUNCH}`, "/usr/bin/node", ...NODE_ARGUMENTS],
    cmd: ["--expected", `/${FILES}/expected.yaml`, "--state", `/${STATE}`],
    workingDir: "/",
    volumes: [`/${STATE}`],
    stopSignal: "SIGTERM",
    labels: {
      "org.opencontainers.image.title": "vSIX path watch",
      "org.opencontainers.image.licenses": "Apache-2.0",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.revision": revision,
    },
  };
}
