import { testScenarios } from "./run-scenarios.ts";

// Once up, a small network waits more than it works.
testScenarios({ size: "small", atOnce: 5, comingUp: 2 });
