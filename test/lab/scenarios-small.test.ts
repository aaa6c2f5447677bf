import { testScenarios } from "./run-scenarios.ts";

// Five side by side, one or two of them coming up, took as long and came too late for what is waited for.
testScenarios({ size: "small", atOnce: 3 });
