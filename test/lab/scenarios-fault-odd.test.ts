import { testTopic } from "./run-topic.ts";

testTopic("fault", { first: 1, step: 2 });
