import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';

import { runCli } from '../../support/cli.ts';

/** Loads the completion as ~/.bashrc would, then asks bash for what it would offer after each line. */
const DRIVER = `
source "$1"
function=$(complete -p pgscale | sed 's/.*-F \\([^ ]*\\).*/\\1/')
while IFS= read -r COMP_LINE; do
  read -ra COMP_WORDS <<<"$COMP_LINE"
  [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)) COMP_POINT=\${#COMP_LINE} COMPREPLY=()
  "$function" pgscale
  echo "\${COMPREPLY[*]}"
done
`;

let setup: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pgscale-'));
  const env = { XDG_CACHE_HOME: folder, HOME: folder };
  const built = await runCli(['autocomplete', 'bash'], env);
  expect(built.exitCode).toBe(0);
  const script = await runCli(['autocomplete', 'script', 'bash'], env);
  setup = join(folder, 'setup.sh');
  await writeFile(setup, script.stdout);
}, 60_000);

describe('completion in bash', () => {
  it.each([
    ['pgscale expl', 'explain'],
    ['pgscale secret ', 'generate'],
    ['pgscale lab cu', 'cut'],
    ['pgscale init --syn', '--synchronous'],
    ['pgscale nothing ', ''],
  ])('%s', async (line, offered) => {
    const { stdout } = await execa('bash', ['--norc', '-c', DRIVER, 'bash', setup], { input: `${line}\n` });
    expect(stdout.trim()).toBe(offered);
  });
});
