import { spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { ADDON } from "../../agent/native/paths.ts";
import { OciLayout } from "../oci/layout.ts";
import { type TarEntry, tar } from "../oci/tar.ts";
import {
  type Built,
  CACHE,
  configOf,
  DEBIAN_PACKAGES,
  debianLayer,
  NODE_ARGUMENTS,
  ownLayer,
  stage,
  trim,
  USER,
} from "./contents.ts";

/** What was built. */
export interface WatchImage {
  readonly file: string;
  /** Of the manifest. */
  readonly digest: string;
  /** Compressed, octets, Debian's first. */
  readonly layers: readonly number[];
}

/** An image that cannot be built; the message holds what the program said. */
export class ImageError extends VsixError<"image-tool" | "image-architecture"> {}

const ARCHITECTURES: Readonly<Record<string, "amd64" | "arm64">> = { x64: "amd64", arm64: "arm64" };

/**
 * Builds the image of the path watch for this machine's architecture and release of Debian, into one file: an OCI image layout in
 * a tar archive. Debian's packages come from where apt gets them here. Needs root. Throws {@link ImageError}.
 * @param root the repository, its npm packages installed and its addon compiled.
 */
export async function buildWatchImage(root: string, output: string): Promise<WatchImage> {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined)
    throw new ImageError("image-architecture", `no image is made for ${process.arch}`);
  const [revision = "", committed] = run("git", ["-C", root, "log", "-1", "--format=%H %ct"])
    .trim()
    .split(" ");
  const createdS = Number(process.env["SOURCE_DATE_EPOCH"] ?? committed);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const scratch = mkdtempSync(join(tmpdir(), "vsix-image-"));
  try {
    const below = join(scratch, "files");
    debianPart(below);
    const folder = join(scratch, "layout");
    const layout = new OciLayout(folder, createdS);
    const debian = await layout.addLayer(debianLayer(below), `mmdebstrap ${DEBIAN_PACKAGES.join(" ")}`);
    stage(below, programs(root, scratch));
    fillCache(below);
    const layers = [debian, await layout.addLayer(ownLayer(below), "images/build watch")];
    const digest = layout.finish(`vsix-watch:${version}`, configOf(architecture, version, revision), layers);
    await pipeline(Readable.from(tar(filesOf(folder), createdS)), createWriteStream(output));
    return { file: output, digest, layers: layers.map(({ size }) => size) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Compiles and strips what is not source, into a folder. Throws {@link ImageError}. */
export function programs(root: string, into: string): Built {
  const [node, launch] = [join(into, "node"), join(into, "vsix-launch")];
  const packaged = join(root, `node_modules/node-linux-${process.arch}/bin/node`);
  run("strip", ["--strip-unneeded", "-o", node, packaged]);
  run(process.env["CC"] ?? "gcc", [
    ...["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fstack-protector-strong", "-s"],
    ...["-o", launch, join(import.meta.dirname, "launch.c")],
  ]);
  return { root, node, launch, addon: ADDON };
}

/** Packages unpacked into a folder; no script of theirs runs. */
function debianPart(below: string): void {
  const sources = ["/etc/apt/sources.list", ...listsIn("/etc/apt/sources.list.d")].filter((file) =>
    existsSync(file),
  );
  const release = readFileSync("/etc/os-release", "utf8");
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? "stable";
  const include = `--include=${DEBIAN_PACKAGES.join(",")}`;
  run("mmdebstrap", ["--quiet", "--variant=extract", include, suite, below, ...sources]);
  trim(below);
}

function listsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.(list|sources)$/.test(name))
    .map((name) => join(folder, name));
}

/** What node makes of our sources at its first start is part of the image, which nobody may write to later. */
function fillCache(below: string): void {
  run("chown", [String(USER), join(below, CACHE)]);
  const user = `--userspec=${USER}:${USER}`;
  const arguments_ = [user, below, "/usr/bin/node", ...NODE_ARGUMENTS];
  // It ends by saying that a file is missing, everything loaded.
  spawnSync("chroot", [...arguments_, "--source", "x", "--expected", "/nonexistent"], {
    env: { ...process.env, NODE_COMPILE_CACHE: `/${CACHE}` },
    stdio: "ignore",
    timeout: 60_000,
  });
  if (readdirSync(join(below, CACHE)).length === 0)
    throw new ImageError("image-tool", "node does not start from the files of the image");
}

function* filesOf(folder: string): Generator<TarEntry> {
  for (const path of ["blobs", "blobs/sha256"]) yield { kind: "directory", path, mode: 0o755 };
  const blobs = readdirSync(join(folder, "blobs/sha256")).sort();
  for (const path of [...blobs.map((name) => `blobs/sha256/${name}`), "index.json", "oci-layout"])
    yield { kind: "disk", path, mode: 0o644, source: join(folder, path) };
}

function run(command: string, args: readonly string[]): string {
  const done = spawnSync(command, args, { encoding: "utf8", timeout: 300_000 });
  if (done.error === undefined && done.status === 0) return done.stdout;
  const said = done.error?.message ?? done.stderr.trim().slice(-4000);
  throw new ImageError("image-tool", `${command} ${args.join(" ").slice(0, 200)}: ${said}`, {
    cause: done.error,
  });
}
