import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { hasGuest, insideGuest, runInGuest } from "../lab/guest.ts";

/** Whether the running kernel can make a device of this kind; asked in a namespace of its own, where this is root. */
export function kernelMakes(...type: readonly string[]): boolean {
  const script = 'ip link add vt-probe type "$@" && ip link del vt-probe';
  return (
    spawnSync("unshare", ["-n", "bash", "-c", script, "probe", ...type], { stdio: "ignore" }).status === 0
  );
}

/**
 * What a test file needs of the kernel that this one lacks is tested in a guest kernel: declares one test that runs
 * the whole file there. Inside a guest the file declares its own.
 * @param limitS the guest is ended then
 */
export async function declareInGuest(
  name: string,
  lacks: string,
  url: string,
  limitS: number,
): Promise<void> {
  const skip = (await hasGuest())
    ? false
    : `this kernel has no ${lacks}, and no guest kernel is beside the checkout`;
  test(name, { skip }, async (context: TestContext) => {
    assert.ok(!insideGuest(), `the guest has no ${lacks} either`);
    const result = await runInGuest(fileURLToPath(url), limitS, { signal: context.signal });
    context.diagnostic(`kernel ${result.kernel}: ${result.tests.map((one) => one.name).join("; ")}`);
    assert.ok(result.ok, result.output);
  });
}
