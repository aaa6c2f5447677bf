import assert from "node:assert/strict";
import { test } from "node:test";
import { allows, SCOPES } from "../tokens/scope.ts";
import { PORTAL_ROLES, type PortalRole, scopesOf, wantsSecondFactor } from "./roles.ts";

const MAY: Readonly<Record<PortalRole, readonly string[]>> = {
  user: ["self"],
  "read-only": ["read", "self"],
  operator: ["read", "steer", "apply", "node", "audit", "access", "self"],
  admin: [...SCOPES],
};

test("each role allows what is written here, and nothing else", () => {
  for (const role of PORTAL_ROLES) {
    const scopes = scopesOf({ role, state: "active", secondFactor: "totp" });
    assert.deepEqual(
      SCOPES.filter((wanted) => allows(scopes, wanted)),
      SCOPES.filter((wanted) => MAY[role].includes(wanted)),
      role,
    );
  }
});

test("operators and admins without a second factor, and whoever is suspended, have their own affairs only", () => {
  for (const role of PORTAL_ROLES) {
    const wants = role === "operator" || role === "admin";
    assert.equal(wantsSecondFactor({ role, secondFactor: "none" }), wants);
    if (wants) assert.deepEqual(scopesOf({ role, state: "active", secondFactor: "none" }), ["self"]);
    assert.deepEqual(scopesOf({ role, state: "suspended", secondFactor: "totp" }), ["self"]);
    assert.deepEqual(scopesOf({ role, state: "removed", secondFactor: "totp" }), []);
  }
});
