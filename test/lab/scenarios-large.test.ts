import { testScenarios } from "./run-scenarios.ts";

testScenarios({ size: "large", atOnce: 1, shared: true });
