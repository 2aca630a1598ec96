/** Prompts go to stderr, so that stdout holds nothing but results. */
export const CONTEXT = { output: process.stderr };
