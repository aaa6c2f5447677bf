import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Architecture } from "./architecture.ts";
import { bundle } from "./bundle.ts";
import { programFiles } from "./contents.ts";
import { controlFile, packageVersion, type SourceState } from "./control.ts";
import { compileAddon, stripped } from "./machine-code.ts";
import { fetchNode, nodePart } from "./node-runtime.ts";
import { npmParts, sqlitePart } from "./parts.ts";
import { fileNameOf, type Program } from "./program.ts";
import { sbom } from "./sbom.ts";
import { run } from "./tools.ts";
import { md5sums, type TreeFile, writeTree } from "./tree.ts";
import { NO_WEB, webApplication } from "./web.ts";

/** What was built. */
export interface BuiltPackage {
  readonly package: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly file: string;
  /** What is in it, CycloneDX 1.6. */
  readonly sbom: string;
  readonly octets: number;
  readonly sha256: string;
}

export interface BuildOptions {
  /** The repository, its npm packages installed. */
  readonly root: string;
  readonly program: Program;
  readonly architecture: Architecture;
  /** Folder; made when missing. */
  readonly output: string;
  /** Instead of what the commit says. */
  readonly version?: string | undefined;
  /** Time of everything in it, seconds since 1970; else the commit's. */
  readonly epochS?: number | undefined;
  /** Told what is being done. */
  readonly progress: (step: string) => void;
}

/**
 * Builds one package; needs no root. The same commit, npm packages and tools give the same octets. What stands at the
 * destination is replaced only by something whole. Throws {@link PackageError}.
 */
export async function buildPackage(options: BuildOptions): Promise<BuiltPackage> {
  const { root, program, architecture, output, progress } = options;
  const source = sourceState(root);
  const { version: release } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  const version = options.version ?? packageVersion(release, source);
  const epochS = options.epochS ?? source.committedS;
  const scratch = mkdtempSync(join(tmpdir(), "vsix-package-"));
  try {
    progress("bundling the program");
    const bundled = await bundle({ root, entries: program.entries, external: program.external });
    if (program.web) progress("building the web application");
    const web = program.web ? await webApplication(root) : NO_WEB;
    progress(`Node for ${architecture}`);
    const runtime = fetchNode(root, architecture);
    const node = stripped(architecture, runtime.binary, join(scratch, "node"));
    if (program.addon) progress(`compiling the addon for ${architecture}`);
    const addon = program.addon ? compileAddon(architecture, scratch) : undefined;
    const external = program.external.map((name) => `node_modules/${name}`);
    const parts = {
      node: nodePart(runtime),
      others: [
        ...npmParts(root, [...new Set([...bundled.packages, ...web.packages, ...external])].sort()),
        ...(program.external.includes("better-sqlite3") ? [sqlitePart(root)] : []),
      ],
    };
    const files = programFiles({
      root,
      program,
      architecture,
      version,
      epochS,
      source,
      bundled,
      web,
      parts,
      scratch,
      node,
      addon,
    });
    const below = join(scratch, "tree");
    const octets = writeTree(below, files, epochS);
    writeTree(below, metadata(program, { version, architecture, octets, files }), epochS);
    progress("compressing");
    const name = fileNameOf(program, version, architecture);
    const partial = join(scratch, name);
    // One thread: how many there are decides how the input is divided. zstd, not xz: 3 s of processor time instead of 132 for 35 MB
    // instead of 28, and a router unpacks it at once (dpkg 1.21.18, so Debian 12).
    const how = ["--root-owner-group", "-Zzstd", "-z10", "--threads-max=1", "--build", below, partial];
    run("dpkg-deb", how, {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epochS) },
      debianPackage: "dpkg",
    });
    const content = readFileSync(partial);
    mkdirSync(output, { recursive: true });
    const file = join(output, name);
    writeFileSync(`${file}.partial`, content);
    renameSync(`${file}.partial`, file);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const { revision } = source;
    const { node: within, others } = parts;
    const about = {
      name: program.name,
      version,
      architecture,
      revision,
      epochS,
      node: within,
      parts: others,
    };
    const sbomFile = `${file.slice(0, -".deb".length)}.cdx.json`;
    writeFileSync(sbomFile, sbom({ ...about, sha256 }));
    return {
      sbom: sbomFile,
      package: program.name,
      version,
      architecture,
      file,
      octets: content.length,
      sha256,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Metadata {
  readonly version: string;
  readonly architecture: Architecture;
  readonly octets: number;
  readonly files: readonly TreeFile[];
}

/** The control archive. */
function metadata(program: Program, { version, architecture, octets, files }: Metadata): readonly TreeFile[] {
  const { name, depends, recommends, suggests, section, summary, description, conffiles } = program;
  const fields = { package: name, version, architecture, depends, recommends, suggests, section, summary };
  const control = controlFile({ ...fields, description, installedOctets: octets });
  const own = [
    { path: "control", content: control, mode: 0o644 },
    { path: "md5sums", content: md5sums(files), mode: 0o644 },
    { path: "conffiles", content: conffiles.map((path) => `/${path}\n`).join(""), mode: 0o644 },
    ...program.scripts.map(([from, to]) => ({
      path: to,
      source: join(import.meta.dirname, "files", from),
      mode: 0o755,
    })),
  ];
  return own
    .filter((file) => !("content" in file) || file.content !== "")
    .map((file) => ({ ...file, path: `DEBIAN/${file.path}` }));
}

/** What git says of the checkout. */
function sourceState(root: string): SourceState {
  const git = (...args: readonly string[]): string => run("git", ["-C", root, ...args]).trim();
  const [revision = "", committed] = git("log", "-1", "--format=%H %ct").split(" ");
  const tagged = git("tag", "--points-at", "HEAD")
    .split("\n")
    .some((tag) => /^v[0-9]/.test(tag));
  const dirty = git("status", "--porcelain", "--untracked-files=no") !== "";
  return { revision, committedS: Number(committed), tagged, dirty };
}
