import { stringify } from "yaml";
import { readSeed } from "../../../../cloud-init/core/read.ts";
import { renderSeed } from "../../../../cloud-init/core/render.ts";

/** What a user says of his vSIX Pi, as he typed it. */
export interface PiWish {
  readonly service: string;
  readonly hostname: string;
  readonly user: string;
  /** One a line. */
  readonly sshKeys: string;
  readonly uplink: "ethernet" | "ngn-ra" | "ngn-delegated";
  readonly ssid: string;
  readonly passphrase: string;
  readonly country: string;
  /** Of the Wi-Fi: a number. */
  readonly channel: string;
}

/** The claim with which the Pi enrols, as the controller just told it. */
export interface Claim {
  readonly token: string;
  readonly node: string;
  readonly expires: string;
}

export type PiSeed =
  | {
      readonly ok: true;
      readonly yaml: string;
      /** user-data, network-config, meta-data. */
      readonly files: Readonly<Record<string, string>>;
    }
  /** What is wrong, by the key where it stands. */
  | { readonly ok: false; readonly faults: readonly { readonly path: string; readonly message: string }[] };

/** The file that `vsix-pi render` takes: what was typed is a value in it, whatever it looks like. */
export function piYaml(wish: PiWish, claim: string): string {
  const keys = wish.sshKeys.split("\n").map((line) => line.trim());
  const uplink =
    wish.uplink === "ethernet"
      ? { kind: "ethernet", interface: "eth0" }
      : { kind: "ngn", interface: "eth0", prefix: wish.uplink === "ngn-ra" ? "ra" : "delegated" };
  const value = {
    version: 1,
    kind: "pi",
    system: {
      hostname: wish.hostname.trim(),
      users: [{ name: wish.user.trim(), sshKeys: keys.filter((key) => key !== "") }],
    },
    claim,
    uplinks: [uplink],
    access: { kind: wish.service === "srv6-access" ? "srv6" : "tunnel" },
    lan: {
      wifi: {
        ssid: wish.ssid,
        passphrase: wish.passphrase,
        country: wish.country.trim().toUpperCase(),
        channel: Number(wish.channel),
      },
    },
  };
  return stringify(value, { lineWidth: 0 });
}

/** Checks and renders as `vsix-pi` does, by the same code. `digest`: SHA-256, hexadecimal. */
export async function renderPi(
  wish: PiWish,
  claim: Claim,
  nowMs: number,
  digest: (text: string) => Promise<string>,
): Promise<PiSeed> {
  const yaml = piYaml(wish, claim.token);
  const read = readSeed(yaml, "vsix-pi.yaml", {
    nowMs,
    readFile: () => ({ fault: "files cannot be read here" }),
    readClaim: () => claim,
  });
  if (!read.ok) return { ok: false, faults: read.faults.map(({ path, message }) => ({ path, message })) };
  // A browser works out digests only by and by, so what is to be digested is asked for first.
  let asked = "";
  renderSeed(read.seed, (text) => {
    asked = text;
    return "";
  });
  const known = await digest(asked);
  return { ok: true, yaml, files: { ...renderSeed(read.seed, () => known) } };
}
