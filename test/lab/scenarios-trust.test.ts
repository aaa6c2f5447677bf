import { testTopic } from "./run-topic.ts";

testTopic("trust");
