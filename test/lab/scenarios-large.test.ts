import { testScenarios } from "./run-scenarios.ts";

testScenarios({ size: "large", first: 0, step: 1 });
