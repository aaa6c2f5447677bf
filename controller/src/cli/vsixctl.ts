#!/usr/bin/env node
import "./vsixctl.js";
