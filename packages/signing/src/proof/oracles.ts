import type { Oracle } from "./oracle.ts";
import { oracle as octokit } from "./oracles/octokit.ts";
import { oracle as standardwebhooks } from "./oracles/standardwebhooks.ts";
import { oracle as svix } from "./oracles/svix.ts";

/** Every vendor's library that is asked. */
export const oracles: readonly Oracle[] = [octokit, standardwebhooks, svix];
