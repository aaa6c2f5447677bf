import assert from "node:assert/strict";
import { test } from "node:test";
import { takeServiceEnvironment, watchdogEveryMs } from "./watchdog.ts";

test("a process says that it lives twice in the time that is waited for it", () => {
  const asked = { socket: "/run/systemd/notify", watchdogUs: "30000000", watchdogPid: "7" };
  assert.equal(watchdogEveryMs(asked, 7), 15_000);
  assert.equal(watchdogEveryMs({ ...asked, watchdogPid: undefined }, 8), 15_000);
  assert.equal(watchdogEveryMs({ ...asked, watchdogUs: "1" }, 7), 1);
  assert.equal(watchdogEveryMs({ ...asked, watchdogUs: "9999999999999999" }, 7), 2 ** 31 - 1);
});

test("who is not asked, or another process is, says nothing", () => {
  const asked = { socket: "@notify", watchdogUs: "30000000", watchdogPid: "7" };
  assert.equal(watchdogEveryMs(asked, 8), undefined);
  assert.equal(watchdogEveryMs({ ...asked, socket: undefined }, 7), undefined);
  for (const watchdogUs of [undefined, "", "0", "-1", "1e9", "x", "99999999999999999"])
    assert.equal(watchdogEveryMs({ ...asked, watchdogUs }, 7), undefined);
});

test("what the manager told is taken out of the environment", () => {
  const environment: Record<string, string | undefined> = {
    NOTIFY_SOCKET: "/n",
    WATCHDOG_USEC: "5",
    WATCHDOG_PID: "1",
    PATH: "/bin",
  };
  assert.deepEqual(takeServiceEnvironment(environment), {
    socket: "/n",
    watchdogUs: "5",
    watchdogPid: "1",
  });
  assert.deepEqual(environment, { PATH: "/bin" });
});
