import assert from "node:assert/strict";
import { test } from "node:test";
import { controlOf } from "./packages.ts";
import { updatePlaces, watcherUnit } from "./places.ts";

test("a control file is what dpkg knows of a package without what it knows of its installation", () => {
  const status = `Package: vsix-agent
Status: install ok installed
Version: 1
Conffiles:
 /etc/x 0123
 /etc/y 4567
Config-Version: 0
Description: agent
 of an IPv6-only network
 .
 More.
`;
  assert.equal(
    controlOf(`${status}\n`),
    `Package: vsix-agent
Version: 1
Description: agent
 of an IPv6-only network
 .
 More.
`,
  );
});

test("who watches is begun before the agent, is not given up, and needs neither version's files", () => {
  const places = updatePlaces("/var/lib/vsix/agent");
  assert.equal(places.directory, "/var/lib/vsix/update", "beside the agent's state, which is not root's");
  const unit = watcherUnit(places, "/etc/vsix/agent.json");
  for (const line of [
    "Before=vsix-agent.service",
    "Type=exec",
    "Restart=on-failure",
    "StartLimitIntervalSec=0",
  ])
    assert.ok(unit.split("\n").includes(line), line);
  assert.ok(!/\/usr\/(lib|bin)/.test(unit));
  assert.match(unit, /^ExecStartPre=.*\/keeper\/main\.js update settle /m);
});
