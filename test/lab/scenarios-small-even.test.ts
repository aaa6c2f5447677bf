import { testScenarios } from "./run-scenarios.ts";

testScenarios({ size: "small", first: 0, step: 2 });
