import { testTopic } from "./run-topic.ts";

testTopic("fault", { first: 0, step: 2 });
