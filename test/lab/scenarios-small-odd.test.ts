import { testScenarios } from "./run-scenarios.ts";

testScenarios({ size: "small", first: 1, step: 2 });
