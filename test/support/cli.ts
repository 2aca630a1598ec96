import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a user sees of one run of pgscale. */
export interface CliResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs pgscale from its sources, in a process of its own without a terminal, as CI would. */
export async function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  const { exitCode, stdout, stderr } = await execa('node', ['--import', 'tsx', `${ROOT}bin/dev.js`, ...args], {
    cwd: ROOT,
    reject: false,
    stdin: 'ignore',
    env: { NODE_ENV: 'production', NO_COLOR: '1', ...env },
  });
  return { exitCode, stdout, stderr };
}
