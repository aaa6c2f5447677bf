import { testScenarios } from "./run-scenarios.ts";

// Once up, a small network waits more than it works: bringing up is what fills two cores, and is done for one at a time.
testScenarios({ size: "small", atOnce: 5 });
