import { testScenarios } from "./run-scenarios.ts";

testScenarios({ size: "small", atOnce: 3 });
