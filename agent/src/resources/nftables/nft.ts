import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** How nft is run: `["nft"]`, or with a prefix that enters a network namespace. */
export type NftCommand = readonly [string, ...string[]];

export class NftError extends VsixError<"nft-missing" | "nft-failed"> {
  /** nft tells no errno but in words: ENOENT when there is no nft, else EIO. */
  readonly errno: number;

  constructor(code: "nft-missing" | "nft-failed", message: string, cause: unknown) {
    super(code, message, { cause });
    this.errno = code === "nft-missing" ? constants.errno.ENOENT : constants.errno.EIO;
  }
}

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Runs nft once and gives what it printed. Throws NftError, or the signal's reason when aborted. */
export function runNft(command: NftCommand, args: readonly string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const [file, ...prefix] = command;
  return new Promise((resolve, reject) => {
    const options = { signal, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT, encoding: "utf8" } as const;
    execFile(file, [...prefix, ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(signal.reason);
      else if (error.code === "ENOENT") {
        reject(new NftError("nft-missing", `${file} is not installed (Debian package nftables)`, error));
      } else reject(new NftError("nft-failed", failure(args, stderr, error.message), error));
    });
  });
}

/**
 * Hands nft one transaction in libnftables JSON. By a private file: nft reopens its standard input by name, which the
 * socket that Node gives a child does not allow. Throws as runNft does.
 */
export async function runNftTransaction(
  command: NftCommand,
  transaction: string,
  signal: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "vsix-nft-"));
  try {
    const file = join(folder, "transaction.json");
    await writeFile(file, transaction, { mode: 0o600 });
    await runNft(command, ["-j", "-f", file], signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function failure(args: readonly string[], stderr: string, otherwise: string): string {
  const lines = stderr.split("\n").filter((line) => line.includes("Error"));
  return `nft ${args.join(" ")}: ${(lines[0] ?? otherwise).trim()}`;
}
