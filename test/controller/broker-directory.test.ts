import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DirectoryClaim } from "../../controller/src/store/directory-claim.ts";
import { controllerMain } from "../programs/bundles.ts";
import { Bench, type Ran, run } from "./harness.ts";

const MAIN = controllerMain();

/** `vsix-controller prepare` with a state directory of this name and the files of one mosquitto. */
async function prepare(directory: string, state: string): Promise<Ran> {
  const file = join(directory, `${state}.json`);
  const config = {
    stateDir: join(directory, state),
    socket: join(directory, `${state}.sock`),
    mqtt: { url: "mqtts://127.0.0.1:8883", files: { directory: join(directory, "mosquitto") } },
  };
  await writeFile(file, JSON.stringify(config));
  return run(process.execPath, [MAIN, "prepare", "--config", file]);
}

test("the files of a mosquitto belong to one controller at a time, and to one CA", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-files-"));
  try {
    const files = join(directory, "mosquitto");
    const read = async (): Promise<readonly string[]> =>
      Promise.all(
        ["ca.crt", "server.crt", "server.key", "acl", "crl.pem"].map((name) =>
          readFile(join(files, name), "utf8"),
        ),
      );
    assert.equal((await prepare(directory, "first")).code, 0);
    assert.equal((await stat(join(files, "lock"))).mode & 0o777, 0o600);
    await cp(join(directory, "first"), join(directory, "copy"), { recursive: true });
    const before = await read();

    const claim = DirectoryClaim.take(files);
    assert.ok(claim !== undefined, "a controller that has ended left its lock");
    assert.equal(DirectoryClaim.take(files), undefined);
    const beside = await prepare(directory, "copy");
    assert.equal(beside.code, 1);
    assert.match(beside.stderr, /another controller uses it/);
    claim[Symbol.dispose]();

    const foreign = await prepare(directory, "foreign");
    assert.equal(foreign.code, 1);
    assert.match(foreign.stderr, /ca\.crt there is another controller's/);
    assert.deepEqual(await read(), before, "refused, and yet something was written");
    assert.equal((await prepare(directory, "copy")).code, 0, "the same controller, moved");
    assert.equal((await prepare(directory, "first")).code, 0);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("a second controller with the first one's socket writes nothing that belongs to it", async () => {
  await using bench = await Bench.make();
  const { directory } = bench;
  const file = join(directory, "config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as object;
  const publicKeyFile = join(directory, "published.pub");
  await writeFile(file, JSON.stringify({ ...config, publicKeyFile }));
  await bench.start();
  const before = await readFile(publicKeyFile, "utf8");
  await writeFile(file, JSON.stringify({ ...config, publicKeyFile, stateDir: join(directory, "other") }));
  const second = await bench.runSecond();
  assert.equal(second.code, 1);
  assert.match(second.stderr, /another controller listens there/);
  assert.equal(await readFile(publicKeyFile, "utf8"), before);
  assert.ok(!(await readdir(join(directory, "other"))).includes("signing.key"));
});
