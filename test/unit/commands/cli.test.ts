import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { runCli } from '../../support/cli.ts';

describe('pgscale', () => {
  it('explains a code, and finds the one that was meant', async () => {
    const known = await runCli(['explain', 'host-auth', '--json']);
    expect(JSON.parse(known.stdout)).toMatchObject({ schemaVersion: 1, code: 'PGS_HOST_AUTH', status: 6 });
    const typo = await runCli(['explain', 'PGS_HOST_UNREACHABEL']);
    expect(typo).toMatchObject({ exitCode: 2, stdout: '' });
    expect(typo.stderr).toContain('Did you mean PGS_HOST_UNREACHABLE?');
  });

  it('refuses an unknown flag with status 2, for people and for programs', async () => {
    const person = await runCli(['explain', '--bogus']);
    expect(person).toMatchObject({ exitCode: 2, stdout: '' });
    expect(person.stderr).toMatch(/✖ Nonexistent flag: --bogus\n {2}next: pgscale explain --help/u);
    const program = await runCli(['explain', '--bogus', '--json']);
    expect(program.exitCode).toBe(2);
    expect(JSON.parse(program.stdout)).toMatchObject({ error: { code: 'PGS_USAGE' } });
  });

  it('refuses an unknown command with status 2 and never runs the one that was meant', async () => {
    const result = await runCli(['expalin', 'PGS_LOCKED']);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toContain('Did you mean `pgscale explain`?');
  });

  it('prints the schema that is published', async () => {
    const { stdout } = await runCli(['schema']);
    const published = await readFile(new URL('../../../docs/reference/pgscale.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(stdout)).toEqual(JSON.parse(published));
  });

  it('reports every mistake of a spec before anything is contacted', async () => {
    const result = await runCli(['plan', '--json', '--config', '/nowhere/pgscale.yaml']);
    expect(result.exitCode).toBe(2);
    expect(JSON.parse(result.stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'PGS_SPEC_MISSING' } });
  });
});
