import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../lab-error.ts";
import { inNamespace, mustRun, type RunResult, run } from "../run.ts";
import type { Port } from "./ports.ts";

export type Firmware = "bios" | "uefi";

/** Of Debian's package ovmf: code, and an empty store of variables. */
const OVMF = "/usr/share/OVMF";

export interface MachineSpec {
  readonly architecture: "amd64" | "arm64";
  /** A raw disk; nothing is written to it. */
  readonly image: string;
  /** More disks, read only. */
  readonly disks: readonly string[];
  readonly ports: readonly Port[];
  readonly namespace: string;
  /** For its overlay and its console. */
  readonly directory: string;
  readonly memoryMiB: number;
  /** What begins on it: BIOS unless told. */
  readonly firmware?: Firmware | undefined;
  /** Kernel of its own boot partition, where no firmware reads that. */
  readonly direct?: { readonly kernel: string; readonly initrd: string; readonly append: string };
  /** How a person would sign in, to look at it. */
  readonly ssh: {
    readonly user: string;
    readonly keyFile: string;
    /** Where from; the machine's own namespace unless told. */
    readonly namespace?: string;
    /** Undefined: it is not known yet. */
    readonly address: () => Promise<string | undefined>;
  };
}

/** A machine under QEMU in a namespace: its only networks are TAP devices there. */
export class VirtualMachine implements AsyncDisposable {
  readonly #spec: MachineSpec;
  readonly #child: ChildProcess;
  readonly startedMs = performance.now();

  private constructor(spec: MachineSpec, child: ChildProcess) {
    this.#spec = spec;
    this.#child = child;
  }

  static async start(spec: MachineSpec): Promise<VirtualMachine> {
    const program = spec.architecture === "amd64" ? "qemu-system-x86_64" : "qemu-system-aarch64";
    const overlay = join(spec.directory, "disk.qcow2");
    await mustRun("qemu-img", ["create", "-q", "-f", "qcow2", "-b", spec.image, "-F", "raw", overlay, "4G"]);
    // Firmware writes to its variables.
    if (spec.firmware === "uefi") await mustRun("cp", [join(OVMF, "OVMF_VARS_4M.fd"), variablesOf(spec)]);
    const [file = "ip", ...args] = inNamespace(spec.namespace, [program, ...qemuArguments(spec, overlay)]);
    const said = openSync(join(spec.directory, "qemu.log"), "w");
    const child = spawn(file, args, { stdio: ["ignore", said, said] });
    closeSync(said);
    const failed = new Promise<never>((_, reject) =>
      child.once("error", (cause) =>
        reject(new LabError("lab/command-failed", `cannot run ${program}: ${cause.message}`, { cause })),
      ),
    );
    failed.catch(() => undefined);
    return new VirtualMachine(spec, child);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What it said on its console. */
  get console(): string {
    const file = join(this.#spec.directory, "console.log");
    return existsSync(file) ? readFileSync(file, "latin1") : "";
  }

  /** Stands still for so long and goes on, as a machine does whose host has no processor for it. */
  async standStill(ms: number): Promise<void> {
    this.mustRun();
    this.#child.kill("SIGSTOP");
    try {
      await sleep(ms);
    } finally {
      this.#child.kill("SIGCONT");
    }
  }

  /** Throws LabError with the end of its console when it has ended. */
  mustRun(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) return;
    const said = readFileSync(join(this.#spec.directory, "qemu.log"), "utf8").trim();
    throw new LabError("lab/image", `the machine has ended: ${said} … ${this.console.slice(-1000)}`);
  }

  /** Runs a program inside it as its user, over SSH on the management port. */
  async do(command: string, timeoutMs = 180_000): Promise<RunResult> {
    const { user, keyFile, namespace = this.#spec.namespace } = this.#spec.ssh;
    const address = await this.#spec.ssh.address();
    if (address === undefined) return { code: -1, stdout: "", stderr: "its address is not known" };
    const options = [
      ...["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"],
      ...["BatchMode=yes", "ConnectTimeout=60"],
    ].flatMap((one) => ["-o", one]);
    const [file = "ip", ...args] = inNamespace(namespace, [
      ...["ssh", "-F", "/dev/null", "-i", keyFile, ...options, `${user}@${address}`, command],
    ]);
    return run(file, args, { timeoutMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

const variablesOf = ({ directory }: MachineSpec): string => join(directory, "firmware.fd");

function qemuArguments(spec: MachineSpec, overlay: string): readonly string[] {
  const { architecture, disks, ports, directory, memoryMiB, direct } = spec;
  return [
    ...(architecture === "amd64" ? ["-machine", "q35"] : ["-machine", "virt"]),
    // Translated everywhere: KVM inside a virtual machine may be there and yet not run real mode, where a BIOS begins.
    ...["-accel", "tcg,thread=multi,tb-size=512"],
    ...["-cpu", architecture === "amd64" ? "max,la57=off" : "cortex-a72"],
    ...["-smp", "2", "-m", String(memoryMiB), "-nodefaults", "-display", "none", "-no-reboot"],
    ...["-serial", `file:${join(directory, "console.log")}`, "-monitor", "none"],
    ...(spec.firmware === "uefi"
      ? [`readonly=on,file=${join(OVMF, "OVMF_CODE_4M.fd")}`, `file=${variablesOf(spec)}`].flatMap((part) => [
          "-drive",
          `if=pflash,format=raw,${part}`,
        ])
      : []),
    ...["-drive", `file=${overlay},format=qcow2,if=virtio,cache=unsafe`],
    ...disks.flatMap((disk) => ["-drive", `file=${disk},format=raw,if=virtio,readonly=on`]),
    ...ports.flatMap(({ tap, mac }, i) => [
      ...["-netdev", `tap,id=n${i},ifname=${tap},script=no,downscript=no`],
      ...["-device", `virtio-net-pci,netdev=n${i},mac=${mac},romfile=`],
    ]),
    ...["-object", "rng-random,id=rng0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng0"],
    ...(direct === undefined
      ? []
      : ["-kernel", direct.kernel, "-initrd", direct.initrd, "-append", direct.append]),
  ];
}
